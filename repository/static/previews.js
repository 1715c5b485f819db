// Zoom: <p data-zoom="ID" hidden> with buttons data-by="FACTOR" (0: the whole again) makes the first
// child of the element with that id wider or narrower; the element scrolls.
for (const bar of document.querySelectorAll("[data-zoom]")) {
  const frame = document.getElementById(bar.dataset.zoom);
  const inner = frame.firstElementChild;
  let factor = 1;
  const zoom = (by) => {
    const middle = (frame.scrollLeft + frame.clientWidth / 2) / frame.scrollWidth;
    const height = (frame.scrollTop + frame.clientHeight / 2) / frame.scrollHeight;
    factor = by ? Math.min(Math.max(factor * by, 1), 24) : 1;
    frame.classList.toggle("is-zoomed", factor > 1);
    inner.style.width = factor > 1 ? `${factor * 100}%` : "";
    frame.scrollLeft = middle * frame.scrollWidth - frame.clientWidth / 2;
    frame.scrollTop = height * frame.scrollHeight - frame.clientHeight / 2;
  };
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) zoom(Number(button.dataset.by));
  });
  frame.addEventListener("keydown", (event) => {
    const by = { "+": 1.5, "=": 1.5, "-": 1 / 1.5, 0: 0 }[event.key];
    if (by !== undefined && !event.ctrlKey && !event.metaKey) { zoom(by); event.preventDefault(); }
  });
}
