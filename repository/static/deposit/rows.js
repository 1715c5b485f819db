// Rows of repeated groups: add, remove, move. Names stay as they are; the server goes by the order
// in the page.

import { say } from "./words.js";

let announce = () => {};

export function onAnnounce(listener) {
  announce = listener;
}

export function startRows(form) {
  form.addEventListener("click", (event) => {
    const pressed = event.target.closest("button[data-add], button[data-up], button[data-down], button[data-remove]");
    if (!pressed || !form.contains(pressed)) return;
    event.preventDefault();
    if (pressed.matches("[data-add]")) addRow(pressed.closest("[data-group]"));
    else if (pressed.matches("[data-remove]")) removeRow(pressed.closest("[data-row]"));
    else moveRow(pressed.closest("[data-row]"), pressed);
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.addEventListener("keydown", (event) => {
    const group = event.target.closest?.(".layout-chips");
    if (event.key !== "Enter" || event.isComposing || !group || !event.target.matches("input")) return;
    event.preventDefault();
    if (event.target.value.trim()) addRow(group);
  });
  form.addEventListener("paste", splitPasted);
  form.querySelector("[data-shown]")?.querySelector("input, select, textarea")?.focus();
}

const rowsOf = (group) => [...group.querySelector(":scope > [data-rows]").children];

function newRow(group, key) {
  const template = group.querySelector(":scope > template[data-new]");
  const id = `${group.id}/${key}`;
  const html = template.innerHTML.replaceAll(`${group.id}/__${group.dataset.depth}__`, id);
  group.querySelector(":scope > [data-rows]").insertAdjacentHTML("beforeend", html);
  return document.getElementById(id);
}

function addRow(group) {
  const keys = rowsOf(group).map((row) => Number(row.id.slice(group.id.length + 1)));
  const row = newRow(group, Math.max(-1, ...keys) + 1);
  row.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  announce(say("addedRow", { what: row.ariaLabel }));
  return row;
}

function removeRow(row) {
  const group = row.closest("[data-group]");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next?.querySelector("[data-remove]") ?? group.querySelector(":scope > [data-add]")).focus();
  announce(say("removedRow", { what: row.ariaLabel }));
}

function moveRow(row, pressed) {
  const up = pressed.matches("[data-up]");
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (up) other.before(row);
  else other.after(row);
  pressed.focus();
  const place = [...row.parentElement.children].indexOf(row) + 1;
  announce(say("movedRow", { place, what: row.ariaLabel }));
}

// A list of keywords pasted at once becomes a row for each.
function splitPasted(event) {
  const group = event.target.closest?.(".layout-chips");
  const pasted = event.clipboardData?.getData("text") ?? "";
  const parts = pasted.split(/[;,\n]/).map((part) => part.trim()).filter(Boolean);
  if (!group || parts.length < 2) return;
  event.preventDefault();
  event.target.value += parts.shift();
  for (const part of parts) addRow(group).querySelector("input:not([type=hidden])").value = part;
  event.target.form.dispatchEvent(new Event("input", { bubbles: true }));
}

// What is typed, as the server reads it: names and values in the page's order.
export function typed(form) {
  return [...new FormData(form)]
    .filter(([name, value]) => typeof value === "string" && !["csrf_token", "revision"].includes(name));
}

// Put kept text back: make the rows that are missing, remove those that are not in it, order them.
export function putBack(form, fields) {
  const values = new Map(fields);
  for (const group of topGroups(form)) arrange(group, [...values.keys()]);
  for (const input of form.elements) {
    if (!input.name || ["csrf_token", "revision", "do"].includes(input.name)) continue;
    if (input.type === "checkbox" || input.type === "radio") {
      input.checked = values.has(input.name) && values.get(input.name) === input.value;
    } else {
      setValue(input, values.get(input.name) ?? "");
    }
  }
}

function setValue(input, value) {
  if (input.matches("select") && ![...input.options].some((option) => option.value === value)) {
    input.append(new Option(value, value));
  }
  input.value = value;
}

const topGroups = (root) =>
  [...root.querySelectorAll("[data-group]")].filter((group) => !group.parentElement.closest("[data-row]"));

function arrange(group, names) {
  const prefix = `${group.id}/`;
  const inside = names.filter((name) => name.startsWith(prefix));
  const keys = [...new Set(inside.map((name) => name.slice(prefix.length).split("/", 1)[0]))];
  for (const row of rowsOf(group)) if (!keys.includes(row.id.slice(prefix.length))) row.remove();
  for (const key of keys) {
    const row = document.getElementById(prefix + key) ?? newRow(group, key);
    keepRest(row, inside.includes(`${row.id}/_rest`));
    row.parentElement.append(row);
    for (const inner of row.querySelectorAll("[data-group]")) arrange(inner, names);
  }
}

// What the form does not show of a row travels in a hidden input, which new rows do not have.
function keepRest(row, needed) {
  const name = `${row.id}/_rest`;
  if (!needed || row.querySelector(`:scope > input[name="${name}"]`)) return;
  row.prepend(Object.assign(document.createElement("input"), { type: "hidden", name }));
}
