// Walking through the site with single keys. A link or button says itself which key it answers to: data-shortcut="r".
// The one in the entry that has the focus (a post, a row of a list) comes before those of the page; where none stands on
// the page, the key does nothing. Focus is really moved, so Enter, Tab and screen readers go on from there.
// Nothing is a shortcut while somebody writes, chooses or composes a word, nor with Ctrl, Alt or Meta; and all of it can
// be switched off (WCAG 2.1.4), for this browser, since keyboards and the programs that listen to them belong to it.

import { composing } from "./ime.js";

const SLOT = "hiroba:keys";
const PATIENCE = 1500; // milliseconds between the two keys of "g h"
const ENTRIES = ".post, .tombstone, .thread-row, .notice-line, .result, .item-card, .creator-card, .draft-row, .bookmark-row";
const WRITING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
const ELSEWHERE = `${WRITING}, [role=listbox], [role=combobox], details[data-menu][open], dialog[open]:not([data-keys-dialog])`;

let first = null; // the "g" that waits for its second key
let waits = 0;
let last = null; // the entry that had the focus: it may have been drawn anew, or lost the focus to a press

export const areOn = () => localStorage.getItem(SLOT) !== "off";

// -- the entries of the page, and the one the reader is at

const entries = () => [...document.querySelectorAll(`main :is(${ENTRIES})`)].filter((node) => node.checkVisibility());

/** A post takes the focus itself; a row gives it to its title. */
const titled = (entry) => entry.querySelector(".card-link, :is(h1, h2, h3) a, a[href]") ?? entry.querySelector("button");
const handle = (entry) => (entry.matches("[tabindex]") ? entry : titled(entry));

const entryOf = (node) => node?.closest?.(`main :is(${ENTRIES})`) ?? null;

function current() {
  const here = entryOf(document.activeElement);
  if (here) return here;
  const free = !document.activeElement || document.activeElement.matches("body, main");
  if (!free || !last) return null;
  return last.isConnected ? last : last.id ? document.getElementById(last.id) : null;
}

document.addEventListener("focusin", ({ target }) => (last = entryOf(target) ?? last));

/** Where nobody has been yet, reading begins at the first entry below the head of the page. */
function atEye(all) {
  const top = document.querySelector(".site-header")?.getBoundingClientRect().bottom ?? 0;
  const at = all.findIndex((node) => node.getBoundingClientRect().bottom > top + 8);
  return at < 0 ? all.length : at;
}

function step(by) {
  const all = entries();
  const here = current();
  const at = here ? all.indexOf(here) + by : atEye(all) - (by < 0 ? 1 : 0);
  if (all[at]) return goTo(all[at]);
  if (by > 0) afterTheLast();
  else document.querySelector("main [rel=prev]")?.focus();
}

/** Past the end: replies that wait are put in and the first of them takes the focus; else the way to the next page. */
function afterTheLast() {
  const waiting = document.querySelector("[data-new-posts-show]:not([hidden])");
  if (waiting) waiting.click();
  else [...document.querySelectorAll("main [rel=next]")].at(-1)?.focus();
}

function goTo(entry) {
  const node = handle(entry);
  if (!node) return;
  node.focus({ preventScroll: true, focusVisible: true });
  const { top, bottom, height } = entry.getBoundingClientRect();
  const style = getComputedStyle(document.documentElement);
  const room = { top: parseFloat(style.scrollPaddingTop) || 0, bottom: innerHeight - (parseFloat(style.scrollPaddingBottom) || 0) };
  if (top >= room.top && bottom <= room.bottom) return; // all of it is in sight: nothing moves
  entry.scrollIntoView({ block: height > room.bottom - room.top || top < room.top ? "start" : "nearest" });
}

// -- what else keys do

/** What answers to a key: in the entry first, then on the page, outside of entries. */
function answering(key) {
  const named = `[data-shortcut="${CSS.escape(key)}"]`;
  const here = current();
  if (here?.querySelector(named)) return here.querySelector(named);
  return [...document.querySelectorAll(named)].find((node) => !entryOf(node) && node.checkVisibility()) ?? null;
}

function use(node) {
  if (node.matches("form")) node.querySelector("textarea, input:not([type=hidden])")?.focus();
  else if (node.matches(WRITING)) node.focus();
  else node.click();
  return true;
}

function open() {
  const here = current();
  const link = here && !here.matches("[tabindex]") && handle(here);
  if (!link || link.matches("button")) return false; // "o" opens; it does nothing to a row that leads nowhere
  link.click();
  return true;
}

function up() {
  const link = answering("u") ?? [...document.querySelectorAll("main .breadcrumb a")].at(-1);
  link?.click();
  return Boolean(link);
}

function search() {
  const fields = [...document.querySelectorAll("main input[type=search], #site-q")];
  const field = fields.find((node) => node.checkVisibility());
  if (field) field.select(), field.focus();
  else document.querySelector("a.search-link")?.click();
  return true;
}

const KEYS = { j: () => (step(1), true), k: () => (step(-1), true), o: open, u: up, "/": search, "?": () => (help(), true) };

// -- help, and the switch

/** The page that lists the keys, as a dialog over this one. */
async function help() {
  const there = document.querySelector("dialog[data-keys-dialog]");
  if (there) return there.open ? there.close() : there.showModal();
  const { href } = document.querySelector("a[data-keys-help]");
  try {
    const answer = await fetch(href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    show(document.importNode(page.getElementById("keys"), true));
  } catch {
    location.assign(href);
  }
}

function show(list) {
  if (document.getElementById("keys")) return; // this is the page itself
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog keys-dialog" });
  dialog.dataset.keysDialog = "";
  dialog.setAttribute("aria-labelledby", "keys-title");
  list.querySelector("[data-dialog-close]").hidden = false;
  dialog.append(list);
  document.body.append(dialog);
  attach(dialog);
  dialog.showModal();
}

export function attach(root) {
  for (const box of root.querySelectorAll("[data-keys-switch]")) box.checked = areOn();
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("[data-keys-switch]")) return;
  if (target.checked) localStorage.removeItem(SLOT);
  else localStorage.setItem(SLOT, "off");
  attach(document);
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("a[data-keys-help]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey || document.getElementById("keys")) return;
  event.preventDefault();
  opener.closest("details[data-menu]")?.removeAttribute("open");
  help();
});

// -- listening

const isOurs = (event) =>
  !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey && !composing(event) && !event.target.closest?.(ELSEWHERE);

document.addEventListener("keydown", (event) => {
  if (event.key.length !== 1 || !areOn() || !isOurs(event)) return;
  // Caps Lock is no intention; Shift is, but for the marks that need it.
  const key = event.shiftKey ? event.key : event.key.toLowerCase();
  if (document.querySelector("dialog[data-keys-dialog][open]") && key !== "?") return;
  if (event.repeat && !"jk".includes(key)) return;
  if (done(key)) event.preventDefault();
});

function done(key) {
  const asked = first && performance.now() - waits < PATIENCE ? `${first} ${key}` : key;
  first = null;
  if (asked === "g") {
    [first, waits] = ["g", performance.now()];
    return true;
  }
  if (asked.length > 1) {
    const link = document.querySelector(`[data-shortcut="${CSS.escape(asked)}"]`);
    return Boolean(link) && (link.click(), true);
  }
  if (KEYS[asked]) return KEYS[asked]();
  const node = answering(asked);
  return node ? use(node) : false;
}
