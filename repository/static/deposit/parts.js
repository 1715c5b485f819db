// A large file in parts. Which parts the server has it says itself, so that an upload goes on after
// whatever broke it: the connection, the page, the session, the server.

import { ask, put } from "./asking.js";

const FIRST_LOOK = 500;
const LONGEST_LOOK = 15_000;

// {status, body} at the end, or of what stood in the way.
export async function sendInParts(upload, goesOn) {
  const address = upload.queue.entryOf(upload.path);
  const found = await entryFor(upload, address);
  if (!found.entry) return found;
  let { entry } = found;
  upload.begun = true;
  while (entry.status === "pending") {
    const { received, part_size: length } = entry.transfer;
    let arrived = received.reduce((sum, part) => sum + partLength(upload, length, part), 0);
    upload.progress(arrived);
    for (const { part, url } of entry.links.parts) {
      if (!goesOn()) return { status: 0, body: null };
      const bytes = upload.file.slice((part - 1) * length, part * length);
      const answer = await sendPart(upload, url, bytes, (sent) => upload.progress(arrived + sent));
      if (answer.status === 403 && isElsewhere(url)) break; // its signature ended; ask for new ones
      if (answer.status === 409) break; // complete already, says the server: see how far it is
      if (answer.status !== 200) return answer;
      upload.tries = 0;
      arrived += bytes.size;
      upload.progress(arrived);
    }
    if (!goesOn()) return { status: 0, body: null };
    const next = arrived < upload.size ? await ask("GET", address) : await commit(upload, address);
    if (next.status !== 200) return next;
    entry = next.body;
  }
  return settled(upload, address, entry, goesOn);
}

// The entry of this very file, begun now or earlier.
async function entryFor(upload, address) {
  const there = await ask("GET", address);
  if (there.status === 404) return begin(upload);
  if (there.status !== 200) return there;
  const { transfer, status, size } = there.body;
  const isOurs = transfer && size === upload.size && await isSame(upload, transfer);
  if (isOurs) return { entry: there.body };
  if (status !== "completed" && !transfer) return begin(upload); // announced, and never begun
  if (!upload.replace) return { status: 409, body: null };
  if (transfer) {
    const given = await ask("DELETE", `${address}/content`);
    if (given.status !== 204) return given;
  }
  return begin(upload);
}

async function begin(upload) {
  const transfer = { type: "M", replace: upload.replace };
  const length = Math.max(upload.queue.partSize, Math.ceil(upload.size / 9000));
  transfer.part_size = length;
  const fingerprint = await digest(upload.file.slice(0, length));
  if (fingerprint) transfer.fingerprint = hex(fingerprint);
  const wanted = [{ key: upload.path, size: upload.size, transfer }];
  const { status, body } = await ask("POST", upload.queue.filesUrl, wanted);
  return status === 201 ? { entry: body.entries[0] } : { status, body };
}

async function isSame(upload, transfer) {
  if (!transfer.fingerprint) return true;
  const own = await digest(upload.file.slice(0, transfer.part_size));
  return own === null || hex(own) === transfer.fingerprint;
}

async function sendPart(upload, url, bytes, progress) {
  if (isElsewhere(url)) return put(upload, url, bytes, progress, { foreign: true });
  const own = await digest(bytes);
  const headers = own ? { "Repr-Digest": `sha-256=:${btoa(String.fromCharCode(...own))}:` } : {};
  return put(upload, new URL(url).pathname, bytes, progress, { headers });
}

// What is to be unpacked is said before, so that the page may be closed while the server reads.
async function commit(upload, address) {
  upload.checking();
  if (upload.unpack && !upload.asked) {
    const wish = { archive: upload.path, folder: folderOf(upload.path), keep: false };
    const asked = await ask("POST", upload.queue.intakesUrl, wish);
    if (asked.status !== 201) return asked;
    upload.asked = true;
  }
  return ask("POST", `${address}/commit`);
}

// Wait, looking now and then, until the server has read the whole.
async function settled(upload, address, entry, goesOn) {
  if (goesOn()) upload.checking();
  let pause = FIRST_LOOK;
  while (entry.status === "finalising" && goesOn()) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(LONGEST_LOOK, pause * 2);
    const seen = await ask("GET", address);
    if (seen.status !== 200) return seen;
    entry = seen.body;
  }
  if (entry.status !== "completed") return { status: 400, body: { detail: entry.problem ?? "" } };
  return ask("GET", upload.queue.rowOf(upload.path));
}

const folderOf = (path) => path.slice(0, Math.max(0, path.lastIndexOf("/")));

const partLength = (upload, length, part) => Math.min(length, upload.size - (part - 1) * length);

const isElsewhere = (url) => {
  const { pathname } = new URL(url);
  return !pathname.includes("/api/records/");
};

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// SHA-256, where the browser lends it to this page (over HTTPS, and on this machine); else null.
async function digest(blob) {
  if (!globalThis.crypto?.subtle) return null;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
}
