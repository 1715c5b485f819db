// Requests to the server that changes are sent with, and what their answers mean.

const token = () => document.querySelector("input[name=csrf_token]");

// After signing in again in another tab the page's token is an old session's; ask for a new one.
async function renewToken() {
  const answer = await fetch(location.pathname + location.search, { redirect: "manual" });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("input[name=csrf_token]");
  if (!fresh) return false;
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = fresh.value;
  return true;
}

const isExpired = (body) => String(body?.type).endsWith("/form-expired");

const csrf = () => token().value;

// {status, body}; status 0 when there was no answer.
export async function ask(method, url, body, { renewed = false } = {}) {
  const headers = { "X-CSRFToken": csrf(), Accept: "application/json" };
  const isForm = body instanceof URLSearchParams;
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url, {
      method,
      headers,
      body: body === undefined || isForm ? body : JSON.stringify(body),
    });
  } catch {
    return { status: 0, body: null };
  }
  const content = await answer.json().catch(() => null);
  if (answer.status === 400 && !renewed && isExpired(content)) {
    if (await renewToken().catch(() => false)) return ask(method, url, body, { renewed: true });
    return { status: 401, body: content };
  }
  return { status: answer.status, body: content };
}

// Send bytes, telling how far it is; `upload.request` can be aborted. To a foreign address nothing of
// ours goes along.
export async function put(
  upload, url, bytes, progress, { headers = {}, foreign = false, renewed = false } = {},
) {
  const answer = await new Promise((resolve) => {
    const request = new XMLHttpRequest();
    upload.request = request;
    request.open("PUT", url);
    if (!foreign) {
      request.setRequestHeader("X-CSRFToken", csrf());
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("Content-Type", "application/octet-stream");
    }
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("loadend", () => {
      resolve({ status: request.status, body: parsed(request.responseText) });
    });
    request.send(bytes);
  });
  if (answer.status === 400 && !renewed && isExpired(answer.body)) {
    if (await renewToken().catch(() => false)) {
      return put(upload, url, bytes, progress, { headers, foreign, renewed: true });
    }
    return { status: 401, body: answer.body };
  }
  return answer;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // no answer, or a proxy's page: the status says enough
  }
}
