// What is typed, kept in this browser until the server has it. Each open window keeps its own; a
// lock tells whether the window that kept something is still open.

const PREFIX = "deposit:";
const own = crypto.getRandomValues(new Uint32Array(2)).join("-");

const keyOf = (id, windowId) => `${PREFIX}${id}:${windowId}`;

export function claimWindow(id) {
  navigator.locks?.request(keyOf(id, own), () => new Promise(() => {}));
}

// {fields, revision, at}; false when the browser keeps nothing (private mode, full).
export function keep(id, entry) {
  try {
    localStorage.setItem(keyOf(id, own), JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
}

export function forget(id, windowId = own) {
  try {
    localStorage.removeItem(keyOf(id, windowId));
  } catch {
    // Where nothing can be kept there is nothing to forget.
  }
}

// What windows that are closed now left behind, the newest first.
export async function leftBehind(id) {
  const held = new Set((await navigator.locks?.query())?.held.map((lock) => lock.name));
  const found = [];
  for (const key of storedKeys()) {
    if (!key.startsWith(`${PREFIX}${id}:`) || held.has(key)) continue;
    const windowId = key.slice(PREFIX.length + id.length + 1);
    if (windowId === own) continue;
    try {
      found.push({ windowId, ...JSON.parse(localStorage.getItem(key)) });
    } catch {
      forget(id, windowId);
    }
  }
  return found.sort((one, other) => other.at - one.at);
}

function storedKeys() {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}
