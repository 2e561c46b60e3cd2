// Handing a link on: the device's own way where it has one, else a small sheet (components/share_sheet.html), of which a
// page has one for all its links. Without a script each of these links is the permalink it names.

import { word } from "./words.js";

const sheet = document.getElementById("share-sheet");
const part = (name) => sheet.querySelector(`[data-share-${name}]`);

export function attach(root) {
  for (const link of root.querySelectorAll("[data-share]")) link.addEventListener("click", pressed);
  if (root.matches?.("[data-share]")) root.addEventListener("click", pressed);
}

function pressed(event) {
  // A new tab, a new window, saving: whoever asks the browser for something else gets it.
  if (!sheet?.showModal || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  hand(event.currentTarget.href, event.currentTarget.dataset.share || heading());
}

/** A post goes by the title of its thread. */
function heading() {
  return document.querySelector("h1")?.textContent.trim() || document.title;
}

async function hand(url, title) {
  const what = { url, title };
  if (navigator.share && (navigator.canShare?.(what) ?? true)) {
    try {
      return await navigator.share(what);
    } catch (error) {
      if (error.name === "AbortError") return; // changed their mind
    }
  }
  show(url, title);
}

function show(url, title) {
  part("title").textContent = title;
  part("address").value = url;
  part("said").textContent = "";
  for (const way of sheet.querySelectorAll("[data-way]")) {
    const filled = { url, title };
    way.href = way.dataset.way.replace(/\{(url|title)\}/g, (_, name) => encodeURIComponent(filled[name]));
  }
  sheet.showModal();
  part("copy").focus();
}

async function copy() {
  const field = part("address");
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.select(); // no right to the clipboard: marked, for the keyboard's own copy
    if (!document.execCommand("copy")) return;
  }
  // Inside the sheet: what stands outside of an open dialog is not read out.
  part("said").textContent = word("copied");
}

if (sheet) part("copy").addEventListener("click", copy);
