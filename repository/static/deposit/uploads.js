// Uploads: several at a time, each with its progress, paused, cancelled, tried again by itself.

import { ask } from "./asking.js";
import { dropped, picked } from "./folders.js";
import { Upload } from "./upload.js";
import { button, element, say, size, words } from "./words.js";

const AT_ONCE = 3;

export function startUploads(section) {
  section.addEventListener("submit", (event) => removeFile(section, event));
  const area = section.querySelector("[data-drop]");
  if (!area) return;
  const queue = new Queue(section, area);
  const zone = area.querySelector("[data-drop-zone]");
  area.querySelector("[data-plain-upload]").hidden = true;
  zone.hidden = false;
  for (const pick of zone.querySelectorAll("[data-pick]")) {
    const input = pick.nextElementSibling;
    pick.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      queue.add(picked(input));
      input.value = "";
    });
  }
  for (const kind of ["dragenter", "dragover"]) {
    section.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  section.addEventListener("dragleave", () => zone.classList.remove("over"));
  section.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    queue.add(await dropped(event.dataTransfer));
  });
  addEventListener("beforeunload", (event) => {
    if (queue.open) event.preventDefault();
  });
  addEventListener("online", () => queue.resume());
  addEventListener("focus", () => queue.resume()); // back from signing in, in another tab
}

class Queue {
  constructor(section, area) {
    this.section = section;
    this.list = area.querySelector("[data-uploads]");
    this.total = area.querySelector("[data-upload-total]");
    this.url = area.dataset.uploadUrl;
    this.filesUrl = area.dataset.apiUrl;
    this.rowUrl = area.dataset.rowUrl;
    this.intakesUrl = area.dataset.intakesUrl;
    this.archives = area.dataset.archives.split(" ");
    this.unpack = area.querySelector("[data-unpack]");
    this.partSize = Number(area.dataset.partSize);
    this.uploads = [];
  }

  get open() {
    return this.uploads.some((upload) => upload.isOpen);
  }

  add(files) {
    for (const { file, path } of files) {
      const upload = new Upload(file, path.normalize("NFC"), this);
      upload.unpack = this.unpack.checked && this.isArchive(upload.path);
      const row = rowOf(this.section, upload.path);
      upload.exists = Boolean(row) && !("arriving" in row.dataset);
      this.uploads.push(upload);
      this.list.append(upload.node);
    }
    this.next();
  }

  isArchive(path) {
    return this.archives.some((ending) => path.toLowerCase().endsWith(ending));
  }

  addressOf(path) {
    return this.url.replace("PATH", quoted(path));
  }

  // The file's entry in the API.
  entryOf(path) {
    return `${this.filesUrl}/${quoted(path)}`;
  }

  rowOf(path) {
    return `${this.rowUrl}${this.rowUrl.includes("?") ? "&" : "?"}path=${encodeURIComponent(path)}`;
  }

  // Ended by the person: the server need not wait for the rest.
  async giveUp(upload) {
    const { status } = await ask("DELETE", `${this.entryOf(upload.path)}/content`);
    const row = rowOf(this.section, upload.path);
    if (status === 204 && row && "arriving" in row.dataset) row.remove();
  }

  next() {
    for (;;) {
      const running = this.uploads.filter((upload) => upload.state === "sending").length;
      const ready = this.uploads.find((upload) => upload.state === "waiting");
      if (!ready || running >= AT_ONCE) break;
      ready.start();
    }
    this.show();
  }

  resume() {
    for (const upload of this.uploads) upload.hurry();
  }

  arrived(upload, body) {
    if (body) {
      showRow(this.section, body.path, body.row);
      showTotal(this.section, body.total);
    }
    this.next();
  }

  show() {
    const counted = this.uploads.filter((upload) => upload.state !== "cancelled");
    const all = counted.reduce((sum, upload) => sum + upload.size, 0);
    const sent = counted.reduce((sum, upload) => sum + upload.sent, 0);
    const done = counted.filter((upload) => upload.state === "arrived").length;
    const failed = counted.filter((upload) => ["failed", "exists"].includes(upload.state)).length;
    this.total.hidden = !counted.length;
    this.total.querySelector("progress").value = all ? sent / all : Number(done === counted.length);
    const state = this.total.querySelector("[data-upload-state]");
    if (this.open) {
      const values = { done, count: counted.length, sent: size(sent), size: size(all) };
      state.textContent = say("uploading", values);
    } else {
      state.textContent = failed ? say("someFailed", { count: failed }) : words.allArrived;
    }
  }
}

const quoted = (path) => path.split("/").map(encodeURIComponent).join("/");

const rowOf = (section, path) =>
  [...section.querySelectorAll("tr[data-path]")].find((row) => row.dataset.path === path);

function showRow(section, path, html) {
  const body = section.querySelector("[data-files]");
  section.querySelector("[data-file-table]").hidden = false;
  const made = element("tbody");
  made.innerHTML = html;
  const row = made.firstElementChild;
  const present = rowOf(section, path);
  if (present) present.replaceWith(row);
  else {
    const later = [...body.children].find((other) => other.dataset.path > path);
    body.insertBefore(row, later ?? null);
  }
}

function showTotal(section, text) {
  section.querySelector("[data-file-total]").textContent = text.trim();
  document.dispatchEvent(new Event("files-changed"));
}

async function removeFile(section, event) {
  const form = event.target.closest("form[data-remove-file]");
  if (!form) return;
  event.preventDefault();
  const row = form.closest("tr");
  const path = row.dataset.path;
  const { status, body } = await ask("DELETE", form.dataset.removeFile);
  if (status !== 200) return;
  showTotal(section, body.total);
  const undo = button(words.undo, () => putBack(section, body.undo, note));
  const cell = element("td", { colSpan: row.cells.length, role: "status" },
    `${say("removed", { path })} `, undo);
  const note = element("tr", { className: "undo" }, cell);
  row.replaceWith(note);
  undo.focus();
}

async function putBack(section, token, note) {
  const { restoreUrl } = section.querySelector("[data-drop]").dataset;
  const { status, body } = await ask("POST", restoreUrl, new URLSearchParams({ token }));
  if (status !== 200) {
    note.firstElementChild.replaceChildren(body?.detail ?? words.failed);
    return;
  }
  const made = element("tbody");
  made.innerHTML = body.row;
  note.replaceWith(made.firstElementChild);
  showTotal(section, body.total);
}
