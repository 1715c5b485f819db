// One upload: sent whole by PUT, so that the browser tells how far it has come.

import { csrf } from "./asking.js";
import { button, element, percent, say, size, words } from "./words.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
const PATIENCE = 10;

export class Upload {
  constructor(file, path, url, queue) {
    Object.assign(this, { file, path, url, queue });
    this.size = file.size;
    this.state = "waiting";
    this.sent = 0;
    this.tries = 0;
    this.replace = false;
    this.note = element("span", { className: "upload-note" }, words.waiting);
    this.bar = element("progress", { max: 1, value: 0, "aria-label": path });
    this.buttons = element("span", { className: "cluster" });
    this.node = element("li", {},
      element("span", { className: "path" }, path),
      element("small", { className: "muted" }, size(this.size)),
      this.bar, this.note, this.buttons);
    this.offer(this.cancelButton());
  }

  get isOpen() {
    return ["waiting", "sending", "pausing"].includes(this.state);
  }

  offer(...buttons) {
    this.buttons.replaceChildren(...buttons);
  }

  start() {
    if (this.exists && !this.replace) {
      this.askToReplace();
      return;
    }
    this.state = "sending";
    this.request = new XMLHttpRequest();
    this.request.open("PUT", this.url + (this.replace ? `${this.url.includes("?") ? "&" : "?"}replace=1` : ""));
    this.request.setRequestHeader("X-CSRFToken", csrf());
    this.request.setRequestHeader("Accept", "application/json");
    this.request.setRequestHeader("Content-Type", "application/octet-stream");
    this.request.upload.addEventListener("progress", (event) => this.progress(event.loaded));
    this.request.addEventListener("loadend", () => this.ended());
    this.request.send(this.file);
    this.offer(this.cancelButton());
  }

  progress(sent) {
    this.sent = sent;
    this.bar.value = this.size ? sent / this.size : 1;
    this.note.textContent = sent < this.size ? percent(this.bar.value) : words.checking;
    this.queue.show();
  }

  ended() {
    if (this.state === "cancelled") return;
    const { status } = this.request;
    let body = null;
    try {
      body = JSON.parse(this.request.responseText);
    } catch {
      // No answer, or a proxy's page: the status says enough.
    }
    if (status === 200) this.arrived(body);
    else if (status === 409) this.askToReplace();
    else if (status === 0 || status === 429 || status === 502 || status === 503 || status === 504) this.pause();
    else this.fail(body?.errors?.[0]?.detail ?? body?.detail ?? "");
  }

  arrived(body) {
    this.state = "arrived";
    this.progress(this.size);
    this.note.textContent = say("arrived", { digest: body.sha256.slice(0, 8) });
    this.node.classList.add("arrived");
    this.offer();
    this.queue.arrived(this, body);
  }

  pause() {
    this.tries += 1;
    this.sent = 0;
    if (this.tries >= PATIENCE && navigator.onLine) {
      this.fail("");
      return;
    }
    this.state = "pausing";
    this.note.textContent = words.retrying;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.tries - 1));
    this.timer = setTimeout(() => this.wait(), pause);
    this.queue.next();
  }

  wait() {
    clearTimeout(this.timer);
    this.state = "waiting";
    this.queue.next();
  }

  hurry() {
    if (this.state === "pausing") this.wait();
  }

  fail(reason) {
    this.state = "failed";
    this.sent = 0;
    this.bar.value = 0;
    this.note.textContent = `${words.failed} ${reason}`;
    this.offer(button(words.retry, () => this.retry()), this.cancelButton());
    this.queue.next();
  }

  cancelButton() {
    return button(words.cancel, () => this.cancel(), {
      "aria-label": say("cancelFile", { path: this.path }),
    });
  }

  retry() {
    this.tries = 0;
    this.wait();
  }

  askToReplace() {
    this.state = "exists";
    this.note.textContent = words.exists;
    this.offer(
      button(words.replace, () => {
        this.replace = true;
        this.wait();
      }),
      button(words.skip, () => this.cancel()),
    );
    this.queue.next();
  }

  cancel() {
    clearTimeout(this.timer);
    this.state = "cancelled";
    this.sent = 0;
    this.request?.abort();
    this.note.textContent = words.cancelled;
    this.offer();
    this.node.remove();
    this.queue.next();
  }
}
