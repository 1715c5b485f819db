// The form saves itself: soon after typing stops, again when the connection is back. A save names
// the revision it started from; when another window was faster, nothing is sent any more.

import { ask } from "./asking.js";
import { claimWindow, forget, keep, leftBehind } from "./keeping.js";
import { onAnnounce, putBack, typed } from "./rows.js";
import { refresh, showProblems } from "./showing.js";
import { button, element, say, time, words } from "./words.js";

const PAUSE = 900;
const LONGEST_WAIT = 60_000;

export function startSaving(form) {
  const saver = new Saver(form);
  form.addEventListener("input", () => saver.changed());
  form.addEventListener("change", () => saver.changed());
  addEventListener("online", () => saver.now());
  addEventListener("pagehide", () => saver.keepNow());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") saver.again();
    else saver.keepNow();
  });
  document.addEventListener("files-changed", () => saver.look());
  form.addEventListener("submit", (event) => saver.submit(event));
  onAnnounce((text) => saver.tell(text));
  saver.begin();
}

class Saver {
  constructor(form) {
    this.form = form;
    this.id = form.dataset.id;
    this.revision = Number(form.dataset.revision);
    this.state = document.querySelector("[data-save-state]");
    this.sent = JSON.stringify(typed(form));
    this.timer = 0;
    this.failures = 0;
    this.busy = null;
    this.overtaken = Boolean(document.querySelector("[data-overtaken]"));
  }

  tell(text, ...nodes) {
    this.state.replaceChildren(text, ...nodes);
  }

  async begin() {
    claimWindow(this.id);
    this.tell(say("saved", { time: time(this.form.dataset.savedAt) }));
    const [left] = await leftBehind(this.id);
    if (!left) return;
    if (JSON.stringify(left.fields) === this.sent) forget(this.id, left.windowId);
    else if (left.revision === this.revision) this.restore(left);
    else this.offer(left);
  }

  // Text that was on its way when the window closed, and nobody saved since: put it back.
  restore(left) {
    const before = typed(this.form);
    putBack(this.form, left.fields);
    refresh(this.form);
    this.changed();
    forget(this.id, left.windowId);
    const note = this.notice(say("restored", { time: time(left.at) }), [
      button(words.startOver, () => {
        putBack(this.form, before);
        refresh(this.form);
        this.changed();
        note.remove();
      }),
    ]);
  }

  // The draft was saved elsewhere meanwhile: the person decides.
  offer(left) {
    const note = this.notice(say("found", { time: time(left.at) }), [
      button(words.showFound, () => {
        putBack(this.form, left.fields);
        refresh(this.form);
        this.changed();
        forget(this.id, left.windowId);
        note.remove();
      }),
      button(words.keepCopy, () => this.copy(left.fields, left.revision, left.windowId)),
      button(words.throwAway, () => {
        forget(this.id, left.windowId);
        note.remove();
      }),
    ]);
  }

  notice(text, buttons) {
    const note = element("div", { className: "notice", role: "alert", tabIndex: -1 },
      element("p", {}, text), element("p", { className: "cluster" }, ...buttons));
    this.form.before(note);
    note.focus();
    return note;
  }

  changed() {
    if (JSON.stringify(typed(this.form)) === this.sent) return;
    this.form.dataset.unsaved = "";
    if (this.overtaken) {
      this.keepNow();
      return;
    }
    this.tell(words.unsaved);
    this.keepNow();
    this.plan(PAUSE);
  }

  keepNow() {
    const fields = typed(this.form);
    if (JSON.stringify(fields) === this.sent) return;
    keep(this.id, { fields, revision: this.revision, at: Date.now() });
  }

  plan(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), pause);
  }

  // Ask what is missing now: files that came or went change it, too.
  async look() {
    this.sent = "";
    await this.now();
  }

  again() {
    if (this.form.dataset.unsaved !== undefined) this.now();
  }

  // Save now; true once the server has everything that is typed.
  async now() {
    clearTimeout(this.timer);
    while (this.busy) await this.busy;
    const fields = typed(this.form);
    const text = JSON.stringify(fields);
    if (this.overtaken || text === this.sent) return !this.overtaken;
    this.tell(words.saving);
    this.busy = ask("PUT", this.form.dataset.save, { revision: this.revision, fields });
    const { status, body } = await this.busy;
    this.busy = null;
    if (status === 200) return this.accepted(text, body);
    this.refused(status, body);
    return false;
  }

  accepted(text, body) {
    this.failures = 0;
    this.sent = text;
    this.revision = body.revision;
    this.form.elements.revision.value = body.revision;
    showProblems(this.form, body.problems);
    document.querySelector("[data-quality]").innerHTML = body.quality; // the server's own, escaped
    const now = JSON.stringify(typed(this.form));
    if (now !== text) {
      this.plan(PAUSE);
      return false;
    }
    if (body.whole) forget(this.id);
    delete this.form.dataset.unsaved;
    this.tell(say(body.whole ? "saved" : "partly", { time: time(body.saved_at) }));
    return body.whole;
  }

  refused(status, body) {
    if (status === 412) {
      this.wasOvertaken();
    } else if (status === 401) {
      const link = element("a", { href: words.signInUrl, target: "_blank", rel: "noopener" }, words.signInLink);
      this.tell(words.signIn, " ", link);
    } else if (status === 0 || status === 429 || status >= 500) {
      this.failures += 1;
      this.tell(navigator.onLine ? words.again : words.offline);
      this.plan(Math.min(LONGEST_WAIT, PAUSE * 2 ** this.failures));
    } else {
      const reason = body?.errors?.[0]?.detail ?? body?.detail ?? "";
      this.tell(status === 404 ? words.gone : words.refused, " ", reason);
    }
  }

  wasOvertaken() {
    this.overtaken = true;
    this.keepNow();
    this.tell(words.unsaved);
    const other = element("a", { href: location.pathname + location.search, target: "_blank",
      rel: "noopener", role: "button", className: "quiet" }, words.seeOther);
    const note = this.notice(words.overtaken, [
      other,
      button(words.keepCopy, () => this.copy(typed(this.form), this.revision), { className: "" }),
    ]);
    note.classList.add("danger");
    note.dataset.overtaken = "";
  }

  async copy(fields, revision, windowId) {
    const { status, body } = await ask("POST", this.form.dataset.copy, { revision, fields });
    if (status !== 200) {
      this.refused(status, body);
      return;
    }
    forget(this.id, windowId);
    if (windowId === undefined) this.sent = JSON.stringify(typed(this.form));
    location.assign(body.url);
  }

  // Preview and publish go on once everything is saved; offline they would lose the page.
  async submit(event) {
    event.preventDefault();
    const action = event.submitter?.value ?? "save";
    if (action === "copy") {
      await this.copy(typed(this.form), this.revision);
    } else if (await this.now()) {
      if (action === "save") return;
      if (/^(reply|apply|undo):/.test(action)) {
        this.form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: action }));
        this.form.submit();
        return;
      }
      if (action.startsWith("fill:")) {
        const identifier = this.form.elements[action.slice(5)].value;
        location.assign(`${location.pathname}/fill?${new URLSearchParams({ identifier })}`);
        return;
      }
      location.assign(`${location.pathname}/${action}${location.search}`);
    }
  }
}
