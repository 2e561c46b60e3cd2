// The bell: its number is that of the inbox, on every page and device at the same time. The stream says numbers only.

import { nodesOf } from "./enhance.js";
import { own } from "./own.js";

const MOST = 99;

/** As the server writes it: 1,234, then 1.2万 or 12.3K. */
function inFigures(number) {
  const form = number < 10_000 ? {} : { notation: "compact", maximumFractionDigits: 1 };
  return number.toLocaleString(document.documentElement.lang, form);
}

function start(bell) {
  const count = bell.querySelector("[data-inbox-count]");
  const words = bell.querySelector("[data-inbox-words]");
  let shown = Number(bell.dataset.unread);

  function show(unread) {
    count.textContent = unread > MOST ? `${MOST}+` : String(unread);
    count.hidden = unread === 0;
    words.textContent = bell.dataset.words.replace("{n}", String(unread));
    bell.dataset.unread = String(unread);
    for (const tab of document.querySelectorAll("[data-inbox-tab]")) {
      tab.textContent = inFigures(unread);
      tab.hidden = unread === 0;
    }
    const news = document.querySelector("[data-inbox-news]");
    if (news && unread > shown) news.hidden = false;
    shown = unread;
  }

  /** What was missed is not told one by one: the page's own address knows the number now. */
  async function ask() {
    const answer = await fetch("/api/v1/notifications/unread", { credentials: "same-origin" });
    if (!answer.ok) return undefined;
    const { unread, position } = await answer.json();
    show(unread);
    return position;
  }

  own(({ kind, payload }) => {
    if (kind === "inbox") show(payload.unread);
    return kind === "reset" ? ask() : undefined;
  });
}

/** A level is chosen without leaving the page; without a script the same button sends the page's form. */
async function choose(button) {
  const menu = button.closest("[data-level]");
  const body = new FormData(document.getElementById("act"), button);
  const answer = await fetch(button.formAction, { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(menu.id);
  if (!fresh) return window.location.reload();
  const [node] = nodesOf(fresh.outerHTML);
  menu.replaceWith(node);
  node.querySelector("summary").focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button.level-choice");
  if (!button) return;
  event.preventDefault();
  choose(button).catch(() => document.getElementById("act").requestSubmit(button));
});

const known = new WeakSet();

export function attach(root) {
  for (const bell of root.querySelectorAll("[data-inbox]")) {
    if (known.has(bell)) continue;
    known.add(bell);
    start(bell);
  }
}
