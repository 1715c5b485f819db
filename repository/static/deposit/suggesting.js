// Terms of lists while one types: a combobox with a list (WAI-ARIA Authoring Practices, manual
// selection). Without this script a button beside the input looks them up.

const PAUSE = 200;
let list = null;
let input = null;
let found = [];
let active = -1;
let timer = 0;

export function startSuggesting(form) {
  const address = form.dataset.suggest;
  form.dataset.suggesting = "";
  form.addEventListener("input", (event) => {
    if (!event.isTrusted || !event.target.matches("[data-suggest-from]")) return;
    forgetTerm(event.target);
    clearTimeout(timer);
    timer = setTimeout(() => look(address, event.target), PAUSE);
  });
  form.addEventListener("keydown", press, true);
  form.addEventListener("focusout", (event) => { if (event.target === input) close(); });
}

async function look(address, typed) {
  const text = typed.value.trim();
  if (text.length < 2) return close();
  const query = new URLSearchParams({ of: typed.dataset.suggestFrom, q: text });
  const answer = await fetch(`${address}?${query}`).catch(() => null);
  if (!answer?.ok || typed.value.trim() !== text || document.activeElement !== typed) return;
  open(typed, await answer.json());
}

function open(typed, suggestions) {
  close();
  if (!suggestions.length) return;
  [input, found, active] = [typed, suggestions, -1];
  list = Object.assign(document.createElement("ul"), { id: `${typed.id}-suggested`, className: "suggested" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", typed.closest(".field").querySelector("label").textContent);
  for (const [index, { label, note }] of suggestions.entries()) {
    const option = Object.assign(document.createElement("li"), { id: `${list.id}-${index}` });
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.append(label, Object.assign(document.createElement("small"), { textContent: note }));
    option.addEventListener("mousedown", (event) => { event.preventDefault(); take(index); });
    list.append(option);
  }
  typed.after(list);
  typed.setAttribute("role", "combobox");
  typed.setAttribute("aria-autocomplete", "list");
  typed.setAttribute("aria-expanded", "true");
  typed.setAttribute("aria-controls", list.id);
}

function close() {
  list?.remove();
  for (const name of ["role", "aria-autocomplete", "aria-expanded", "aria-controls", "aria-activedescendant"]) {
    input?.removeAttribute(name);
  }
  [list, input, found, active] = [null, null, [], -1];
}

function press(event) {
  if (!list || event.target !== input || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) point((active + step + found.length + (active < 0 && step < 0 ? 1 : 0)) % found.length);
  else if (event.key === "Enter" && active >= 0) take(active);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function point(index) {
  list.children[active]?.setAttribute("aria-selected", "false");
  active = index;
  list.children[active].setAttribute("aria-selected", "true");
  list.children[active].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", list.children[active].id);
}

function take(index) {
  const { values, rest } = found[index];
  const [row, typed] = [input.closest("[data-row]"), input];
  close();
  for (const [name, value] of Object.entries(values)) {
    const field = row.querySelector(`:scope > .fields [data-field="${name}"]`);
    if (field) field.value = value;
  }
  if (Object.keys(rest).length) keep(row, rest);
  typed.dispatchEvent(new Event("input", { bubbles: true }));
}

// What the form does not show of a row travels in a hidden input.
function keep(row, rest) {
  const name = `${row.id}/_rest`;
  const input = row.querySelector(`:scope > input[name="${name}"]`)
    ?? row.insertAdjacentElement("afterbegin", Object.assign(document.createElement("input"), { type: "hidden", name }));
  input.value = JSON.stringify(rest);
}

// Words typed over a term are a keyword of their own.
function forgetTerm(typed) {
  if (typed.dataset.suggestFrom !== "subjects") return;
  const rest = typed.closest("[data-row]").querySelector(':scope > input[name$="/_rest"]');
  if (rest?.value.includes('"scheme"')) rest.remove();
}
