// The deposit page: rows, saving by itself, uploads. Without this script the page works as plain
// forms; with it nothing typed waits for a button.

import { startRows } from "./deposit/rows.js";
import { startSaving } from "./deposit/saving.js";
import { startMarkdown, startShowing } from "./deposit/showing.js";
import { startSuggesting } from "./deposit/suggesting.js";
import { startUploads } from "./deposit/uploads.js";

const form = document.getElementById("deposit-form");
startRows(form);
startShowing(form);
startMarkdown(form);
startSaving(form);
startSuggesting(form);
startUploads(document.getElementById("files-section"));
