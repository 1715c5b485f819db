// The search page: two thumbs on the years. <div data-years data-first data-last> holds the fields
// `from` and `to`, which work without; the thumbs only write into them.
function offerThumbs(root) {
  for (const box of root.querySelectorAll("[data-years]:not([data-offered])")) {
    const { first, last, labelFrom, labelTo } = box.dataset;
    const fields = [box.querySelector("[name=from]"), box.querySelector("[name=to]")];
    const ends = [Number(first), Number(last)];
    const slider = document.createElement("div");
    slider.className = "thumbs";
    const thumbs = [labelFrom, labelTo].map((label, at) => {
      const thumb = document.createElement("input");
      Object.assign(thumb, { type: "range", min: first, max: last, value: fields[at].value || ends[at] });
      thumb.setAttribute("aria-label", label);
      slider.append(thumb);
      return thumb;
    });
    slider.addEventListener("input", (event) => {
      const at = thumbs.indexOf(event.target);
      const other = Number(thumbs[1 - at].value);
      const value = at ? Math.max(event.target.value, other) : Math.min(event.target.value, other);
      event.target.value = value;
      fields[at].value = value === ends[at] ? "" : value;
    });
    box.before(slider);
    box.dataset.offered = "";
  }
}
offerThumbs(document);
document.addEventListener("htmx:after:swap", () => offerThumbs(document));
