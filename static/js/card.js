// The card of a member, beside their name: for a mouse that rests on it, for the keyboard, for a tap. It is fetched when
// it is wanted, stands in the top layer, so that nothing in the page moves, and is left by going away, or by Escape. The
// name stays the link that it is: without this script, and with a second press, it leads to the member's page.

import { announce, nodesOf } from "./enhance.js";

const NAMES = "a.member-name[href], a.mention[href], .profile-line a[href^='/members/']";
const PAGE = /^\/members\/[a-z0-9_]+\/$/;
const REST = 350; // milliseconds that a mouse has to rest on a name
const LINGER = 220; // and that it may be away, on its way to the card
const FOCUS = 550;
const FRESH = 60_000;
const GAP = 8; // pixels

const known = new Map(); // path → {html, at}
let card = null; // the one that is open: {box, link}
let timer = null;
let lastPointer = "mouse";

function nameAt(target) {
  const link = target.closest?.(NAMES);
  return link && PAGE.test(new URL(link.href).pathname) && !link.closest(".member-card") ? link : null;
}

function soon(run, milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(run, milliseconds);
}

async function htmlOf(link) {
  const path = `${new URL(link.href).pathname}card/`;
  const there = known.get(path);
  if (there && Date.now() - there.at < FRESH) return there.html;
  const answer = await fetch(path, { credentials: "same-origin" });
  if (!answer.ok) return ""; // nobody there, or nobody for this reader: the link says so itself
  const html = await answer.text();
  known.set(path, { html, at: Date.now() });
  return html;
}

async function open(link) {
  if (card?.link === link || !link.isConnected) return;
  close();
  const opening = (card = { link, box: null });
  const html = await htmlOf(link).catch(() => "");
  if (card !== opening) return; // meanwhile somebody else's was wanted, or none
  if (!html || !link.isConnected) return close();
  const box = document.createElement("div");
  box.className = "member-card";
  box.popover = "manual";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", link.textContent.trim());
  box.append(...nodesOf(html));
  link.after(box); // so that Tab goes from the name into the card
  card.box = box;
  box.showPopover();
  place(box, link);
  announce(box);
}

/** Below the name, or above it where there is more room; never beyond the window. */
function place(box, link) {
  const name = link.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const below = name.bottom + GAP;
  const top = below + height > innerHeight && name.top - GAP > height ? name.top - GAP - height : below;
  const most = document.documentElement.clientWidth - width - GAP;
  box.style.top = `${Math.max(GAP, top)}px`;
  box.style.left = `${Math.max(GAP, Math.min(name.left, most))}px`;
}

function close({ focus = false } = {}) {
  clearTimeout(timer);
  const { box, link } = card ?? {};
  card = null;
  box?.remove();
  if (focus) link?.focus();
}

const isInside = (node) => Boolean(card && node && (card.box?.contains(node) || card.link.contains(node)));

/** A level is chosen in the card: it is drawn anew, and the page stays as it is. */
async function choose(button) {
  const { box, link } = card;
  const path = `${new URL(link.href).pathname}card/`;
  const body = new FormData(document.getElementById("act"), button);
  body.set("next", path);
  const answer = await fetch(button.formAction, { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const html = await answer.text();
  known.set(path, { html, at: Date.now() });
  box.replaceChildren(...nodesOf(html));
  box.querySelector("summary")?.focus();
}

// -- a mouse

document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType !== "mouse") return;
  const link = nameAt(target);
  if (link && link !== card?.link) soon(() => open(link), REST);
  else if (isInside(target)) clearTimeout(timer);
});

document.addEventListener("pointerout", ({ target, relatedTarget, pointerType }) => {
  if (pointerType !== "mouse" || isInside(relatedTarget)) return;
  if (isInside(target)) soon(() => isInside(document.activeElement) || close(), LINGER);
  else if (nameAt(target)) clearTimeout(timer);
});

// -- a finger: the first tap shows the card, a scroll shows nothing (it makes no click)

document.addEventListener("pointerdown", ({ target, pointerType }) => {
  lastPointer = pointerType;
  if (card && !isInside(target)) close();
});

document.addEventListener("click", (event) => {
  const link = nameAt(event.target);
  const choice = event.target.closest?.(".member-card button.level-choice");
  if (choice && card) {
    event.preventDefault();
    event.stopImmediatePropagation(); // the page's own controls are inbox.js's
    choose(choice).catch(() => document.getElementById("act").requestSubmit(choice));
  } else if (link && lastPointer === "touch" && event.detail > 0 && card?.link !== link) {
    event.preventDefault();
    open(link);
  }
}, { capture: true });

// -- the keyboard

document.addEventListener("focusin", ({ target }) => {
  const link = nameAt(target);
  if (link && link !== card?.link && link.matches(":focus-visible")) soon(() => open(link), FOCUS);
});

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  if (card && isInside(target) && relatedTarget && !isInside(relatedTarget)) close();
  else if (!card && nameAt(target)) clearTimeout(timer);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !card?.box) return;
  if (card.box.querySelector("details[open]")) return; // its own menu goes first (enhance.js)
  event.stopPropagation();
  close({ focus: isInside(document.activeElement) });
}, { capture: true });

addEventListener("scroll", () => card?.box && !isInside(document.activeElement) && close(), { passive: true });
// a choice that opens makes the card longer; "toggle" does not bubble
document.addEventListener("toggle", ({ target }) => card?.box?.contains(target) && place(card.box, card.link), { capture: true });
addEventListener("resize", () => card?.box && place(card.box, card.link));

/** One set of ears for the whole document: names that come later are heard as well. */
export function attach() {}
