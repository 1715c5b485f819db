// One upload: its place in the list, its state, and what the person can do about it. How its bytes
// go is the business of whole.js and parts.js.

import { button, element, percent, say, size, words } from "./words.js";
import { sendInParts } from "./parts.js";
import { sendWhole } from "./whole.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
const PATIENCE = 10;
const BUSY = [0, 408, 429, 500, 502, 503, 504];
const ENDED = ["arrived", "failed", "cancelled", "exists"];

export class Upload {
  constructor(file, path, queue) {
    Object.assign(this, { file, path, queue });
    this.size = file.size;
    this.state = "waiting";
    this.sent = 0;
    this.tries = 0;
    this.run = 0;
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
    return !ENDED.includes(this.state);
  }

  offer(...buttons) {
    this.buttons.replaceChildren(...buttons);
  }

  async start() {
    if (this.exists && !this.replace) {
      this.askToReplace();
      return;
    }
    this.state = "sending";
    const run = this.interrupt();
    this.offer(this.pauseButton(), this.cancelButton());
    const send = this.size > this.queue.partSize ? sendInParts : sendWhole;
    let answer;
    try {
      answer = await send(this, () => run === this.run);
    } catch {
      answer = { status: 1, body: null }; // the file itself could not be read: it was changed or moved
    }
    if (run === this.run) this.ended(answer);
  }

  // Whatever still runs of an earlier start ends without a word; the number of the new one.
  interrupt() {
    this.run += 1;
    this.request?.abort();
    return this.run;
  }

  // The bytes have all gone; the server puts them together and reads them.
  checking() {
    this.state = "checking";
    this.note.textContent = words.checking;
    this.offer();
    this.queue.next();
  }

  progress(sent) {
    this.sent = Math.min(sent, this.size);
    this.bar.value = this.size ? this.sent / this.size : 1;
    if (this.state === "sending") this.note.textContent = percent(this.bar.value);
    this.queue.show();
  }

  ended({ status, body }) {
    if (status === 200) this.arrived(body);
    else if (status === 404 && this.asked) this.arrived(null); // unpacked already, and gone
    else if (status === 401) this.awaitSignIn();
    else if (status === 409) this.askToReplace();
    else if (BUSY.includes(status)) this.waitAWhile();
    else this.fail(body?.errors?.[0]?.detail ?? body?.detail ?? "");
  }

  arrived(body) {
    this.state = "arrived";
    this.progress(this.size);
    if (this.unpack) {
      const again = element("a", { href: "" }, words.reload);
      this.note.replaceChildren(`${words.unpacking}. `, again);
    } else {
      this.note.textContent = say("arrived", { digest: body.sha256.slice(0, 8) });
    }
    this.node.classList.add("arrived");
    this.offer();
    this.queue.arrived(this, body);
  }

  waitAWhile() {
    this.tries += 1;
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
    this.note.textContent = words.waiting;
    this.offer(this.cancelButton());
    this.queue.next();
  }

  hurry() {
    if (this.state === "pausing" || this.state === "signed-out") this.wait();
  }

  // The session is over. What has arrived stays; after signing in, in another tab, it goes on.
  awaitSignIn() {
    this.state = "signed-out";
    const link = element("a", { href: words.signInUrl, target: "_blank", rel: "noopener" }, words.signInLink);
    this.note.replaceChildren(`${words.signInUpload} `, link);
    this.offer(button(words.resume, () => this.wait()), this.cancelButton());
    this.queue.next();
  }

  pause() {
    this.state = "paused";
    this.interrupt();
    clearTimeout(this.timer);
    this.note.textContent = words.paused;
    this.offer(button(words.resume, () => this.wait(), {
      "aria-label": say("resumeFile", { path: this.path }),
    }), this.cancelButton());
    this.queue.next();
  }

  pauseButton() {
    return button(words.pause, () => this.pause(), {
      "aria-label": say("pauseFile", { path: this.path }),
    });
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
      button(words.skip, () => this.remove()),
    );
    this.queue.next();
  }

  cancel() {
    const begun = this.begun;
    this.remove();
    if (begun) this.queue.giveUp(this);
  }

  remove() {
    clearTimeout(this.timer);
    this.state = "cancelled";
    this.sent = 0;
    this.interrupt();
    this.node.remove();
    this.queue.next();
  }
}
