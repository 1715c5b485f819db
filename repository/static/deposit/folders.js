// Files out of what was dropped or picked, each with its path inside the folder.

// [{file, path}] of a drop; folders are walked to the end.
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
  const found = [];
  for (const entry of entries) await walk(entry, "", found);
  return found;
}

async function walk(entry, folder, found) {
  const path = folder + entry.name;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    found.push({ file, path });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return;
    for (const inner of batch) await walk(inner, `${path}/`, found);
  }
}

// [{file, path}] of an <input type=file>, with or without webkitdirectory.
export function picked(input) {
  return [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}
