// <div class="chart-drawn" data-specification="ADDRESS" data-label="…">: the server's drawing inside gives
// way to Vega's, with tooltips, arrow keys from mark to mark, and buttons data-take="svg|png" beside it.
// Expressions are interpreted (ast) and no style is injected, so that the policy stays as strict as it is.

// What the page's colours are at present: Vega draws with them, and an exported file holds them.
function theme() {
  const probe = document.body.appendChild(document.createElement("span"));
  const tone = (name) => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
  const [accent, ink, muted, line, field, ground] =
    ["--accent", "--ink", "--muted", "--line", "--field", "--surface"].map(tone);
  probe.remove();
  const text = { labelColor: muted, titleColor: ink, gridColor: line, domainColor: field, tickColor: field };
  return {
    background: ground,
    font: getComputedStyle(document.body).fontFamily,
    axis: { ...text, labelFontSize: 12, titleFontSize: 12 },
    mark: { color: accent },
    view: { stroke: line },
  };
}

const rows = (value, safe) =>
  `<dl>${Object.entries(value).map(([name, told]) => `<dt>${safe(name)}</dt><dd>${safe(told)}</dd>`).join("")}</dl>`;

async function draw(place, specification) {
  const wanted = { ...specification, config: { ...specification.config, ...theme() } };
  const box = document.createElement("div");
  const mapped = Boolean(wanted.projection);
  if (!mapped) {
    const { width, height } = place.getBoundingClientRect();
    Object.assign(wanted, { width, height: Math.max(height, 260) });
  }
  const { view } = await vegaEmbed(box, wanted, {
    actions: false, ast: true, defaultStyle: false, renderer: "svg",
    tooltip: { disableDefaultStyle: true, formatTooltip: rows },
  });
  box.classList.toggle("vega-map", mapped);
  place.replaceChildren(box);
  return view;
}

// The arrow keys show each mark's tooltip in turn, and a screen reader hears it.
function walk(place, said) {
  let at = -1;
  place.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const seen = place.querySelectorAll(":is(.mark-rect, .mark-symbol) > [role=graphics-symbol]");
    if (!by || !seen.length) return;
    event.preventDefault();
    at = at < 0 && by < 0 ? seen.length - 1 : (at + by + seen.length) % seen.length;
    const { left, top, width, height } = seen[at].getBoundingClientRect();
    const where = { bubbles: true, clientX: left + width / 2, clientY: top + height / 2 };
    for (const name of ["pointermove", "mousemove"]) seen[at].dispatchEvent(new PointerEvent(name, where));
    said.textContent = seen[at].getAttribute("aria-label");
  });
}

async function save(view, format, name) {
  const link = document.createElement("a");
  link.href = await view.toImageURL(format, format === "png" ? 2 : 1);
  link.download = `${name}.${format}`;
  link.click();
}

async function start(place) {
  const answer = await fetch(place.dataset.specification, { headers: { Accept: "application/json" } });
  if (!answer.ok) return; // the server's drawing stays
  const specification = await answer.json();
  let view = await draw(place, specification);
  const again = async () => { view.finalize(); view = await draw(place, specification); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  let width = place.clientWidth;
  new ResizeObserver(() => {
    if (Math.abs(place.clientWidth - width) < 2) return;
    width = place.clientWidth;
    again();
  }).observe(place);
  place.tabIndex = 0;
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", place.dataset.label);
  const figure = place.closest("figure");
  walk(place, figure.querySelector("[data-mark]"));
  for (const button of figure.querySelectorAll("[data-take]")) {
    button.disabled = false;
    button.addEventListener("click", () => save(view, button.dataset.take, "chart"));
  }
}

for (const place of document.querySelectorAll("[data-specification]")) start(place);
