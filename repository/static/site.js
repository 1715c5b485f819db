// What pages do better with scripts; each works without.

// <button data-copy="ID" data-copied="Copied" hidden>: copies the text of the element with that id.
function offerCopying(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
}

async function copy(button) {
  const label = button.textContent;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = label; }, 2000);
}

// <button data-confirm="Sure?"> asks before its form is sent.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.confirm && !window.confirm(button.dataset.confirm)) event.preventDefault();
  else if (button?.dataset.copy) copy(button);
});

// An open menu closes with Escape, or when the reader goes elsewhere.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

// A page that came back with errors shows the first of them.
if (navigator.clipboard) offerCopying(document);
(document.querySelector("[aria-invalid=true]") ?? document.querySelector(".notice.danger"))?.focus();
document.addEventListener("htmx:after:swap", () => navigator.clipboard && offerCopying(document));
