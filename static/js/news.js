// What is unread in lists of threads. A list lies ready and is the same for many members; what is one reader's own in it
// is asked for here, for all rows of the page at once, and kept right while other devices of the same member read.

import { own } from "./own.js";
import { word } from "./words.js";

const NEWS = "/threads/news/";
const MANY = 999;
const member = document.getElementById("act")?.dataset.member;
const asked = new WeakSet();

const rows = (thread) => document.querySelectorAll(`.thread-row[data-thread="${CSS.escape(thread)}"]`);

/** `news` is [the last number read, how many come after it]; the first is 0 for a thread that is new to the reader. */
function show(row, news) {
  const link = row.querySelector(".thread-title a");
  const plain = link.getAttribute("href").split("?")[0];
  let badge = row.querySelector("[data-unread]");
  row.classList.toggle("is-unread", Boolean(news));
  link.setAttribute("href", news?.[0] ? `${plain}?at=${news[0] + 1}#p${news[0] + 1}` : plain);
  if (!news) return badge?.remove();
  if (!badge) {
    badge = Object.assign(document.createElement("span"), { className: "badge badge-akane" });
    badge.dataset.unread = "";
    row.querySelector(".thread-flags").append(badge);
  }
  badge.dataset.unread = news[1];
  badge.textContent = news[0] ? word("unread", Math.min(news[1], MANY)) : word("unreadThread");
}

/** The member has read this thread up to `number`, here or elsewhere. */
function reached(thread, number) {
  for (const row of rows(thread)) {
    const left = Number(row.dataset.last) - number;
    if (row.querySelector("[data-unread]")) show(row, left > 0 ? [number, left] : null);
  }
}

function tell(place, count) {
  place.hidden = !count;
  place.textContent = count ? word("unread", Math.min(count, MANY)) : "";
}

async function ask(list, places) {
  if (!member || !(list.length || places.length)) return;
  const ids = [...new Set(list.map((row) => row.dataset.thread))];
  const items = [...new Set(places.map((place) => place.dataset.itemNews))];
  let news, about, at;
  try {
    const answer = await fetch(`${NEWS}?of=${ids.join(",")}&items=${items.join(",")}`, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) return;
    ({ news, items: about, at } = await answer.json());
  } catch {
    return; // without a line the rows are as they are for everybody
  }
  // "All read" means what was there now, not what comes before the button is pressed.
  for (const button of document.querySelectorAll("[data-mark-all]")) button.value = at;
  for (const row of list) show(row, news[row.dataset.thread]);
  for (const place of places) tell(place, about[place.dataset.itemNews]);
  // What this window has read a moment ago may be on its way to the server still.
  for (const id of ids) {
    const number = Number(sessionStorage.getItem(`hiroba:reached:${id}`));
    if (number && number > (news[id]?.[0] ?? number)) reached(id, number);
  }
}

const ROWS = ".thread-row[data-thread]";
const PLACES = "[data-item-news]";
const all = (selector) => [...document.querySelectorAll(selector)];

export function attach(root) {
  const unasked = (selector) => [...root.querySelectorAll(selector)].filter((one) => !asked.has(one));
  const list = unasked(ROWS);
  const places = unasked(PLACES);
  for (const one of [...list, ...places]) asked.add(one);
  ask(list, places);
}

// A report of another device comes every few seconds while somebody reads there; of what it means for items only the
// server knows the sum.
let later = 0;
function askItems() {
  clearTimeout(later);
  later = setTimeout(() => ask([], all(PLACES)), 1500);
}

own(({ kind, payload }) => {
  if (kind === "read") {
    reached(String(payload.thread), payload.number);
    askItems();
  } else if (kind === "read_all" || kind === "reset") ask(all(ROWS), all(PLACES));
});

addEventListener("pageshow", (event) => event.persisted && ask(all(ROWS), all(PLACES)));
