// A small file: one request, which has to be sent again from the beginning if it breaks.

import { put } from "./asking.js";

export async function sendWhole(upload) {
  const url = upload.queue.addressOf(upload.path);
  const wishes = new URLSearchParams();
  if (upload.replace) wishes.set("replace", "1");
  if (upload.unpack) wishes.set("unpack", "1");
  const asked = wishes.size ? `${url}${url.includes("?") ? "&" : "?"}${wishes}` : url;
  const answer = await put(upload, asked, upload.file, (sent) => upload.progress(sent));
  if (answer.status !== 200) upload.progress(0);
  return answer;
}
