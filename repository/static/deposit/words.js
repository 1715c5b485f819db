// What the page says, in its language; sizes and times as that language writes them.

export const words = JSON.parse(document.getElementById("deposit-words").textContent);

export function say(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

export function time(moment) {
  const date = new Date(moment);
  const sameDay = date.toDateString() === new Date().toDateString();
  const style = sameDay ? { timeStyle: "medium" } : { dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat(words.locale, style).format(date);
}

export function percent(part) {
  return new Intl.NumberFormat(words.locale, { style: "percent" }).format(part);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

export function size(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const options = { style: "unit", unit: UNITS[unit], maximumFractionDigits: unit ? 1 : 0 };
  return new Intl.NumberFormat(words.locale, options).format(value);
}

// An element with properties, attributes (those with a dash) and children.
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-")) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

export function button(text, act, properties = {}) {
  const made = element("button", { type: "button", className: "small quiet", ...properties }, text);
  made.addEventListener("click", act);
  return made;
}
