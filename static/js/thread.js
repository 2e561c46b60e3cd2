// The thread page: goes on live from the number the page was made at, and dresses what arrives for this reader.
// A push is the same for everybody; the reader's own buttons come from the samples in the page ([data-sample]).

import { connect } from "../realtime/live.js";
import { announce, nodesOf, toast } from "./enhance.js";
import { NewPosts } from "./newposts.js";
import { isSignedIn } from "./signed-out.js";
import { refresh as refreshTimes } from "./time.js";
import "./thread-reply.js";
import "./thread-cards.js";
import "./thread-mentions.js";

const SAMPLE_ID = "777000000001"; // views/shown.py
const SAMPLE_NUMBER = "777000002";
const PAGES_AT_MOST = 10; // a reset that is further behind leads to the last page instead

const list = document.querySelector("[data-posts]");
const posts = NewPosts.of(list);
const { stream, viewer } = list.dataset;
const words = document.getElementById("thread-words").dataset;

// -- what arrives

const KINDS = {
  post_created: ({ post_id: id, number, author_id: author, html, reply_count: count }, at) => {
    showReplyCount(count, { number, at });
    if (posts.has(number)) return;
    withText(id, html, (text) => posts.add(text, { number, dress: (node) => dressed(node, author) }));
  },
  post_changed: ({ post_id: id, number, version, html }) => swap(id, number, version, html),
  post_removed: ({ post_id: id, number, version, html, reply_count: count }) => {
    showReplyCount(count);
    const mine = list.dataset.moderates === "true" || posts.find(number)?.dataset.author === viewer;
    swap(id, number, version, viewer && mine ? "" : html); // the page's own fragment has the way back
  },
  reactions: ({ number, counts }) => showReactions(number, counts),
  accepted: () => refresh(),
  thread_changed: () => refresh(),
};

/** An event without text was taken back meanwhile, or is for us to ask: the server knows what we may see. */
async function withText(id, html, use) {
  const text = html || (await fragment(id));
  if (text) use(text);
}

async function fragment(id) {
  const answer = await fetch(`/posts/${id}/fragment/`, { credentials: "same-origin" });
  return answer.ok ? answer.text() : "";
}

function swap(id, number, version, html) {
  const old = posts.node(number);
  if (old && version && Number(old.dataset.version) >= version) return;
  withText(id, html, (text) => {
    // A post that was taken back before we heard of it still has its number, and a line in its place.
    if (!old) posts.add(text, { number, dress: (node) => dressed(node, null) });
    else posts.replace(number, dressed(nodesOf(text)[0], old.dataset.author, old).outerHTML);
  });
}

/** A pushed post with this reader's buttons: those it had, else those of the sample. */
function dressed(node, author, old = null) {
  author ??= node.dataset.author;
  const bare = node.querySelector(".post-actions");
  // A tombstone, or made for this reader already: every other post has nothing but the way to hand it on.
  if (!bare || bare.querySelector("button, a[href]:not([data-share])")) return node;
  const kept = old?.querySelector(".post-actions");
  bare.replaceWith(kept ? kept.cloneNode(true) : actionsFor(node, String(author) === viewer ? "own" : "other"));
  return node;
}

function actionsFor({ dataset: { post, number } }, who) {
  const { root, named } = (samples[who] ??= sampleOf(who));
  const copy = root.cloneNode(true);
  const nodes = everythingIn(copy);
  for (const { place, attribute, words } of named) {
    const filled = words.replaceAll(SAMPLE_ID, post).replaceAll(SAMPLE_NUMBER, number);
    if (attribute) nodes[place].setAttribute(attribute, filled);
    else nodes[place].data = filled;
  }
  return copy;
}

const samples = {};

/**
 * The buttons of a sample, and the places in it that name its post: to copy them and fill these in is faster than to
 * read HTML anew. Buttons get their form when they are pressed: each that names it makes all others look for theirs.
 */
function sampleOf(who) {
  const { content } = document.querySelector(`template[data-sample="${who}"]`);
  const [root] = nodesOf(content.querySelector(".post-actions").outerHTML.replaceAll(' form="', ' data-form="'));
  const isNamed = ({ words }) => words.includes(SAMPLE_ID) || words.includes(SAMPLE_NUMBER);
  const named = everythingIn(root).flatMap((node, place) => wordsIn(node, place).filter(isNamed));
  return { root, named };
}

function wordsIn(node, place) {
  if (node.nodeType === Node.TEXT_NODE) return [{ place, words: node.data }];
  return [...node.attributes].map(({ name, value }) => ({ place, attribute: name, words: value }));
}

/** The node and all elements and texts inside of it, in their order. */
function everythingIn(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  const nodes = [root];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

document.addEventListener("click", ({ target }) => takeForm(target.closest?.("button[data-form]")), { capture: true });

function takeForm(button) {
  if (!button) return;
  button.setAttribute("form", button.dataset.form);
  delete button.dataset.form;
}

function showReactions(number, counts) {
  const post = posts.node(number);
  for (const bar of post?.querySelectorAll(".reaction[data-kind]") ?? []) {
    const count = counts[bar.dataset.kind] ?? 0;
    let shown = bar.querySelector("[data-reaction-count]");
    if (!shown) {
      shown = document.createElement("span");
      shown.dataset.reactionCount = "";
      bar.append(shown);
    }
    shown.textContent = count ? count.toLocaleString(document.documentElement.lang) : "";
    if (bar.tagName !== "BUTTON") bar.hidden = count === 0;
  }
}

let replyCount = null; // the newest, while it waits to be shown
let newest = null; // and the reply itself: {number, at}

function showReplyCount(count, reply = null) {
  if (count === undefined) return;
  if (replyCount === null) setTimeout(writeReplyCount);
  replyCount = count;
  newest = reply ?? newest;
}

function writeReplyCount() {
  const count = replyCount;
  replyCount = null;
  document.querySelector("[data-first-reply]")?.remove();
  if (newest) writeNewest(newest);
  newest = null;
  const row = document.querySelector("[data-last-reply]");
  if (row) row.hidden = count === 0;
  for (const node of document.querySelectorAll("[data-reply-count]")) {
    node.textContent = count.toLocaleString(document.documentElement.lang);
  }
}

/** When the last reply came, and how many posts there are: the numbers that stand beside the list. */
function writeNewest({ number, at }) {
  const time = document.querySelector("[data-last-reply] time");
  if (time && Date.parse(at) > Date.parse(time.dateTime)) {
    time.dateTime = at;
    time.title = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
    refreshTimes(time.parentElement);
  }
  if (posts.levels) return; // its pages are counted in answers
  const total = Math.max(number, Number(list.dataset.total));
  list.dataset.total = total;
  const local = (n) => n.toLocaleString(document.documentElement.lang);
  const last = posts.isLastPage ? total : Number(list.dataset.last);
  const said = { first: local(Number(list.dataset.first)), last: local(last), total: local(total) };
  for (const node of document.querySelectorAll("[data-page-range]")) {
    node.textContent = words.range.replace(/\{(first|last|total)\}/g, (_all, name) => said[name]);
  }
}

// -- the page read again, part by part, without moving it

let refreshing = null;
let again = false;

/**
 * Read the page again and take over what differs; a change meanwhile makes it read once more. It does not give up:
 * what is missing here would be missing until the next reload. Resolves to the number the page was made at.
 */
function refresh() {
  again = true;
  refreshing ??= untilDone().finally(() => (refreshing = null));
  return refreshing;
}

async function untilDone() {
  let position;
  for (let tries = 0; again; ) {
    // Everybody in the thread hears of it at once, and need not ask at once.
    await pause(Math.random() * 1000 * Math.min(2 ** tries, 30));
    again = false;
    try {
      position = await readAgain();
    } catch {
      again = true;
      tries += 1;
    }
  }
  return position;
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function readAgain() {
  let position;
  const first = Number(list.dataset.page);
  for (let page = first, pages = first; page <= pages; page += 1) {
    const there = await pageNumber(page);
    if (!there) return undefined; // taken down, or no longer for us: the live client is told as well
    position ??= Number(there.querySelector("[data-posts]").dataset.position);
    if (page === first) takeHead(there);
    for (const node of there.querySelectorAll("[data-posts] [data-number]")) takePost(node);
    if (!posts.isLastPage) break;
    pages = Math.min(Number(there.querySelector("[data-posts]").dataset.pages), first + PAGES_AT_MOST);
  }
  return position;
}

async function pageNumber(page) {
  const address = new URL(location.href);
  if (!posts.levels) address.search = page > 1 ? `?page=${page}` : "";
  const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (answer.status >= 500) throw new Error(`thread page: ${answer.status}`);
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function takePost(node) {
  const number = Number(node.dataset.number);
  const old = posts.node(number);
  if (!old) posts.add(document.importNode(node, true), { number });
  else if (Number(old.dataset.version) > Number(node.dataset.version)) return; // an event overtook the page
  else if (old.dataset.version !== node.dataset.version || withoutMarks(old) !== node.className) {
    posts.replace(number, node.outerHTML);
  } else {
    takeTools(old, node);
  }
}

const withoutMarks = ({ className }) => className.replace(/ is-(new|far)/g, "");

/** The buttons may differ though the text does not (another answer was chosen). An open menu is left alone. */
function takeTools(old, fresh) {
  const [mine, theirs] = [old.querySelector(".post-tools"), fresh.querySelector(".post-tools")];
  if (mine && theirs && !mine.querySelector("[open]") && !mine.contains(document.activeElement)) {
    const tools = document.importNode(theirs, true);
    mine.replaceWith(tools);
    announce(tools);
  }
}

function takeHead(there) {
  for (const id of ["thread-head", "accepted", "thread-facts"]) {
    const [old, fresh] = [document.getElementById(id), there.getElementById(id)];
    if (!old || !fresh || old.contains(document.activeElement)) continue;
    const presence = old.querySelector("[data-presence]");
    old.replaceWith(document.importNode(fresh, true));
    if (presence) document.querySelector(`#${id} [data-presence]`)?.replaceWith(presence);
  }
  takeReplyPlace(there.getElementById("reply"));
}

/** The form comes or goes with a lock; one that holds text stays, and its writer is told. */
function takeReplyPlace(fresh) {
  const old = document.getElementById("reply");
  const [form, freshForm] = [old.querySelector("form"), fresh.querySelector("form")];
  if (Boolean(form) === Boolean(freshForm)) return;
  if (form?.elements.body.value.trim()) {
    if (!old.querySelector("[data-locked]")) {
      const note = document.importNode(fresh.querySelector(".notice"), true);
      note.dataset.locked = "";
      note.setAttribute("role", "status");
      form.before(note);
    }
    return;
  }
  const node = document.importNode(fresh, true);
  old.replaceWith(node);
  node.dispatchEvent(new CustomEvent("hiroba:added", { bubbles: true }));
}

// -- going live

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

connect().watch(stream, Number(list.dataset.position), {
  onEvent: ({ kind, payload, at }) => KINDS[kind]?.(payload, at),
  onReset: () => refresh(),
  onPresence: (count) => tell("hiroba:presence", { stream, count }),
  onState: (state) => tell("hiroba:live", { state }),
  onRevoked: async (why) => {
    tell("hiroba:live", { state: "offline" });
    if (why === "signed_out" && !(await isSignedIn())) return; // own.js says it, and the way back
    toast(words.revoked, { stay: 0 });
  },
});

// -- finding one's place

/** The post with this number, if it is on the page, comes to the eye and takes the focus. */
function goTo(number) {
  const node = posts.find(number);
  if (!node) return false;
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: "start" });
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-goto]");
  if (!link || !posts.find(link.dataset.goto)) return;
  event.preventDefault();
  history.pushState(null, "", `#p${link.dataset.goto}`);
  location.replace(`#p${link.dataset.goto}`); // so that :target follows
  goTo(link.dataset.goto);
});

// What a post answers, before one goes there.
document.addEventListener("pointerover", (event) => {
  const link = event.target.closest?.("[data-goto]:not([title])");
  // innerText is empty where a post is far and not laid out
  const words = link && posts.find(link.dataset.goto)?.querySelector(".prose")?.textContent.trim();
  if (words) link.title = words.length > 120 ? `${words.slice(0, 120)}…` : words;
});

const asked = /^#p(\d+)$/.exec(location.hash);
if (asked) goTo(asked[1]);
