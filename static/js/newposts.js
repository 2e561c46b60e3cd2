// New replies in an open thread. Nothing above the reader's eye ever moves:
//  - the end of the list is below the window: the reply is put there, unseen, and the bar counts it;
//  - the end of the list is in sight and nobody is writing: the reply simply appears;
//  - the reader is writing, or has scrolled past the list: the reply waits, and the bar counts it.
// A reader's own reply is always put in, after all that came before it; the page follows only from the end.
// What comes thick and fast (a thousand replies after a dead network) is put in together, a few times a second: to
// look where the eye is costs a layout of the page each time.

import { announce, nodesOf } from "./enhance.js";
import { counted } from "./words.js";

const TOGETHER = 100; // milliseconds

const lists = new WeakMap();

export class NewPosts {
  /** The one manager of a list ([data-posts]). */
  static of(list) {
    if (!lists.has(list)) lists.set(list, new NewPosts(list));
    return lists.get(list);
  }

  constructor(list) {
    this.list = list;
    this.bar = list.parentElement.querySelector("[data-new-posts]");
    this.button = this.bar?.querySelector("[data-new-posts-show]");
    this.held = new Map(); // number → node, not yet in the page
    this.arrived = new Map(); // the same, to be put in within TOGETHER
    this.gathering = null;
    this.unseen = new Set(); // numbers in the page, below the window
    this.elsewhere = new Set(); // numbers that belong to a later page
    this.watcher = new IntersectionObserver((entries) => this.seen(entries));
    this.button?.addEventListener("click", (event) => {
      if (this.button.tagName === "A") return; // a link to the last page
      event.preventDefault();
      this.reveal();
    });
  }

  get isLastPage() {
    return this.list.dataset.lastPage !== "false";
  }

  get pending() {
    return this.held.size + this.unseen.size + this.elsewhere.size;
  }

  has(number) {
    return Boolean(this.node(number));
  }

  /** The post, whether it is in the page or waits for it. */
  node(number) {
    return this.held.get(number) ?? this.arrived.get(number) ?? this.find(number);
  }

  find(number) {
    const node = document.getElementById(`p${number}`); // a search by attribute would read the whole thread
    return node && this.list.contains(node) ? node : null;
  }

  /** A reply has come. A number that is already here is left alone, so a repeat does nothing. */
  add(htmlOrNode, { number, own = false } = {}) {
    const node = typeof htmlOrNode === "string" ? nodesOf(htmlOrNode)[0] : htmlOrNode;
    const place = Number(number ?? node.dataset.number);
    if (this.has(place)) return own && this.letIn(place);
    if (!this.isLastPage) this.elsewhere.add(place);
    else if (own) this.addOwn(place, node);
    else return this.gather(place, node);
    this.tell();
  }

  /** One that comes alone is put in at once. */
  gather(place, node) {
    this.arrived.set(place, node);
    if (this.gathering === null) this.putIn();
  }

  putIn() {
    this.settle();
    this.gathering = setTimeout(() => {
      this.gathering = null;
      if (this.arrived.size) this.putIn();
    }, TOGETHER);
  }

  settle() {
    if (!this.arrived.size) return;
    const all = [...this.arrived].sort(([a], [b]) => a - b);
    this.arrived.clear();
    if (this.mustWait()) for (const [place, node] of all) this.held.set(place, node);
    else this.insertAll(all, { unseen: !this.endInSight() });
    this.tell();
  }

  addOwn(place, node) {
    this.settle();
    const wasAtEnd = this.endInSight() || this.isWriting();
    this.letAllIn();
    this.insert(place, node, { unseen: false });
    if (wasAtEnd) requestAnimationFrame(() => node.scrollIntoView({ block: "nearest" })); // once the form is empty
  }

  /** The server's newer version of a post (an edit, a reaction count), wherever it is now. */
  replace(number, html) {
    const [fresh] = nodesOf(html);
    for (const waiting of [this.held, this.arrived]) if (waiting.has(number)) return waiting.set(number, fresh);
    const old = this.find(number);
    if (!old) return undefined;
    const focusId = old.contains(document.activeElement) && document.activeElement.id;
    old.replaceWith(fresh);
    announce(fresh);
    if (focusId) document.getElementById(focusId)?.focus();
    return fresh;
  }

  /** A post was taken back: its tombstone takes the place. */
  remove(number, html) {
    return this.replace(number, html);
  }

  /** Put in all that waits and go to the first new one. */
  reveal() {
    const first = Math.min(...this.held.keys(), ...this.unseen);
    this.letAllIn();
    this.unseen.clear();
    this.tell();
    const node = this.find(first);
    if (!node) return;
    node.setAttribute("tabindex", "-1");
    node.scrollIntoView({ block: "start" });
    node.focus({ preventScroll: true });
  }

  letIn(place) {
    this.settle();
    const node = this.held.get(place);
    if (!node) return;
    this.held.delete(place);
    this.insert(place, node, { unseen: false });
    this.tell();
  }

  letAllIn() {
    this.settle();
    const all = [...this.held].sort(([a], [b]) => a - b);
    this.held.clear();
    this.insertAll(all, { unseen: false });
  }

  insert(place, node, { unseen }) {
    this.insertAll([[place, node]], { unseen });
  }

  /** `all` is [number, node] by number. Each stands before the first one in the page that has a higher number. */
  insertAll(all, { unseen }) {
    const there = [...this.list.querySelectorAll("[data-number]")];
    let at = there.length;
    for (const [place, node] of all.toReversed()) {
      while (at > 0 && Number(there[at - 1].dataset.number) > place) at -= 1;
      node.classList.add("is-new");
      this.list.insertBefore(node, there[at] ?? null);
      there.splice(at, 0, node);
    }
    for (const [place, node] of all) {
      announce(node);
      if (!unseen) continue;
      this.unseen.add(place);
      this.watcher.observe(node);
    }
  }

  seen(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.watcher.unobserve(target);
      this.unseen.delete(Number(target.dataset.number));
    }
    this.tell();
  }

  endInSight() {
    const end = this.list.getBoundingClientRect().bottom;
    return end <= innerHeight + 4 && end > 0;
  }

  mustWait() {
    const end = this.list.getBoundingClientRect().bottom;
    return end <= innerHeight + 4 && (end <= 0 || this.isWriting());
  }

  isWriting() {
    return Boolean(document.activeElement?.closest?.("form")?.querySelector("textarea"));
  }

  tell() {
    if (!this.button) return;
    const n = this.pending;
    this.button.hidden = n === 0;
    const words = n ? counted("newOne", "newMany", n) : "";
    this.bar.querySelector("[data-new-posts-words]").textContent = words;
    this.bar.querySelector("[data-new-posts-status]").textContent = words;
  }
}

export function attach(root) {
  for (const list of root.querySelectorAll("[data-posts]")) NewPosts.of(list);
}
