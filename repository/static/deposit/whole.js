// A small file: one request, which has to be sent again from the beginning if it breaks.

import { put } from "./asking.js";

export async function sendWhole(upload) {
  const url = upload.queue.addressOf(upload.path);
  const address = upload.replace ? `${url}${url.includes("?") ? "&" : "?"}replace=1` : url;
  const answer = await put(upload, address, upload.file, (sent) => upload.progress(sent));
  if (answer.status !== 200) upload.progress(0);
  return answer;
}
