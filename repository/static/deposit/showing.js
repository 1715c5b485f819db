// What the form shows by itself: problems beside their fields, what a licence means, which inputs
// belong to what was chosen, how Markdown will look.

import { ask } from "./asking.js";
import { button, element, say, words } from "./words.js";

export function startShowing(form) {
  form.addEventListener("change", () => refresh(form));
  form.addEventListener("input", (event) => {
    if (event.target.matches("#titles [data-field=title]")) showTitle(form);
  });
  refresh(form);
}

export function refresh(form) {
  for (const node of form.querySelectorAll("[data-when]")) {
    const around = node.closest("[data-row]") ?? form;
    const chosen = around.querySelector(`[data-field="${node.dataset.when}"]`);
    const value = chosen.type === "checkbox" ? (chosen.checked ? chosen.value : "") : chosen.value;
    node.hidden = !node.dataset.values.split("|").includes(value);
  }
  for (const note of form.querySelectorAll("[data-in-words]")) {
    const chosen = note.closest(".field").querySelector("select").value;
    note.textContent = words.licences[chosen] ?? "";
  }
}

function showTitle(form) {
  const typed = [...form.querySelectorAll("#titles [data-field=title]")].map((input) => input.value);
  document.querySelector("h1").textContent = typed.find((title) => title.trim()) ?? words.untitled;
}

export function showProblems(form, problems) {
  for (const note of document.querySelectorAll(".deposit-page .field-problem")) note.replaceChildren();
  for (const input of form.querySelectorAll("[data-wanted]")) input.removeAttribute("data-wanted");
  for (const { where, message, blocking } of problems) {
    const kind = blocking ? "error" : "warning";
    document.getElementById(`${where}-problem`)?.append(element("span", { className: kind }, message));
    document.getElementById(where)?.setAttribute("data-wanted", "");
  }
  showMissing(problems.filter((problem) => problem.blocking));
}

function showMissing(problems) {
  const box = document.querySelector("[data-missing]");
  if (!problems.length) {
    box.replaceChildren(element("p", { className: "ready" }, words.nothingMissing));
    return;
  }
  const items = problems.map(({ where, message }) => {
    const link = element("a", { href: `#${where}` }, labelOf(where));
    return element("li", {}, link, `: ${message}`);
  });
  box.replaceChildren(
    element("p", {}, say("needed", { count: problems.length })),
    element("ul", {}, ...items),
  );
}

function labelOf(where) {
  const top = document.getElementById(where.split("/")[0]);
  const label = top?.labels?.[0] ?? top?.querySelector("legend, h2");
  return label?.textContent.trim() || words.form;
}

export function startMarkdown(form) {
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea[data-markdown]")) offerPreview(form, event.target);
  });
  for (const area of form.querySelectorAll("textarea[data-markdown]")) offerPreview(form, area);
}

function offerPreview(form, area) {
  if (area.dataset.offered !== undefined) return;
  area.dataset.offered = "";
  const shown = element("div", { className: "markdown-preview", hidden: true, "aria-live": "polite" });
  const toggle = button(words.preview, async () => {
    if (area.hidden) {
      shown.hidden = true;
      area.hidden = false;
    } else {
      const { status, body } = await ask(
        "POST", form.dataset.markdownUrl, new URLSearchParams({ text: area.value }));
      if (status !== 200) return;
      shown.innerHTML = body.html; // sanitised by the server, as on the landing page
      shown.hidden = false;
      area.hidden = true;
    }
    toggle.textContent = area.hidden ? words.write : words.preview;
    toggle.setAttribute("aria-pressed", String(area.hidden));
  }, { "aria-pressed": "false" });
  area.before(toggle);
  area.after(shown);
}
