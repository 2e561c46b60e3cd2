// New replies in an open thread. Nothing above the reader's eye ever moves:
//  - the end of the list is below the window: the reply is put there, and the bar counts it until it was in sight;
//  - the end of the list is in sight and nobody is writing: the reply simply appears;
//  - the reader is writing, or has scrolled past the list: the reply waits, and the bar counts it.
// A reader's own reply is always put in, after all that came before it; the page follows only from the end.
// What comes thick and fast (a thousand replies after a dead network) is put in together, a few times a second: one
// parse, one look where the eye is (a layout of the page each time), one round of wiring. Of many, those that are not
// yet in sight are not laid out (.is-far).

import { announce, nodesOf } from "./enhance.js";
import { counted } from "./words.js";

const TOGETHER = 100; // milliseconds
const MANY = 50; // at once
const PATIENCE = 8; // half-times of TOGETHER for which many more are waited for
const asIs = (node) => node;

const lists = new WeakMap();

export class NewPosts {
  /** The one manager of a list ([data-posts]). */
  static of(list) {
    if (!lists.has(list)) lists.set(list, new NewPosts(list));
    return lists.get(list);
  }

  constructor(list) {
    this.list = list;
    this.levels = list.dataset.levels !== undefined; // answers, each with what was said under it
    this.bar = list.parentElement.querySelector("[data-new-posts]");
    this.button = this.bar?.querySelector("[data-new-posts-show]");
    this.held = new Map(); // number → node, not yet in the page
    this.arrived = new Map(); // number → {source, dress}, to be put in within TOGETHER
    this.gathering = null;
    this.unseen = new Set(); // numbers in the page that were not in sight yet
    this.elsewhere = new Set(); // numbers that belong to a later page
    this.watcher = new IntersectionObserver((entries) => this.seen(entries));
    this.button?.addEventListener("click", (event) => {
      const isHere = this.levels && this.find(Math.min(...this.unseen, ...this.elsewhere));
      if (this.button.tagName === "A" && !isHere) return; // a link to the page where it stands
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
    return this.held.has(number) || this.arrived.has(number) || Boolean(this.find(number));
  }

  /** The post, whether it is in the page or waits for it. */
  node(number) {
    if (this.arrived.has(number)) this.makeNodes();
    return this.held.get(number) ?? this.arrived.get(number)?.source ?? this.find(number);
  }

  find(number) {
    const node = document.getElementById(`p${number}`); // a search by attribute would read the whole thread
    return node && this.list.contains(node) ? node : null;
  }

  /**
   * A reply has come: its HTML (of one element) or its node, and what `dress` makes of the node for this reader.
   * A number that is already here is left alone, so a repeat does nothing.
   */
  add(source, { number, own = false, dress = asIs }) {
    const place = Number(number);
    if (this.has(place)) return own && this.letIn(place);
    if (this.levels) this.addUnder(source, place, { own, dress });
    else if (!this.isLastPage) this.elsewhere.add(place);
    else if (own) this.addOwn(place, dress(typeof source === "string" ? nodesOf(source)[0] : source));
    else return this.gather(place, { source, dress });
    this.tell();
  }

  /** In two levels it goes under its answer, if that is here, whole, and not above the eye; the bar leads to the rest. */
  addUnder(source, place, { own, dress }) {
    const node = dress(typeof source === "string" ? nodesOf(source)[0] : source);
    const home = this.homeOf(node);
    if (!home && own) return location.assign(`?view=two&at=${place}#p${place}`);
    const isAbove = home && home !== this.list && home.parentElement.getBoundingClientRect().bottom <= 0;
    if (!home || (!own && (isAbove || this.isWriting()))) return this.elsewhere.add(place);
    const next = [...home.children].find((one) => Number(one.dataset.number) > place);
    home.insertBefore(home === this.list ? this.answer(node, place) : node, home === this.list ? null : (next ?? null));
    announce(node);
    if (own) return requestAnimationFrame(() => node.scrollIntoView({ block: "nearest" }));
    this.unseen.add(place);
    this.watcher.observe(node);
  }

  /** Where a post belongs: the list for an answer, else the place under its answer; null where that is not here. */
  homeOf(node) {
    if (node.matches(".tombstone")) return null; // whom it answered is not told any more
    const answered = node.querySelector(".post-answers")?.dataset.goto ?? "1";
    if (answered === "1") return this.isLastPage ? this.list : null;
    const under = this.find(answered)?.closest("[data-answer]")?.querySelector("[data-comments]");
    return under && under.dataset.more === undefined ? under : null;
  }

  answer(node, place) {
    const section = Object.assign(document.createElement("section"), { className: "answer" });
    const comments = Object.assign(document.createElement("div"), { className: "comments" });
    section.dataset.answer = comments.dataset.comments = place;
    section.append(node, comments);
    return section;
  }

  /** One that comes alone is put in at once. */
  gather(place, reply) {
    this.arrived.set(place, reply);
    if (this.gathering === null) this.putIn();
  }

  /** All that has arrived as HTML, parsed together. */
  makeNodes() {
    const raw = [...this.arrived].filter(([, { source }]) => typeof source === "string");
    const nodes = nodesOf(raw.map(([, { source }]) => source).join(""));
    raw.forEach(([place, { dress }], index) => this.arrived.set(place, { source: dress(nodes[index]), dress: asIs }));
  }

  putIn() {
    this.settle();
    this.gathering = setTimeout(() => this.comeBack(0), TOGETHER);
  }

  /** What has come is put in; a crowd that is still growing, when it is whole or has taken long enough. */
  comeBack(before, times = 0) {
    const now = this.arrived.size;
    if (now > Math.max(before, MANY) && times < PATIENCE) {
      this.gathering = setTimeout(() => this.comeBack(now, times + 1), TOGETHER / 2);
      return;
    }
    this.gathering = null;
    if (now) this.putIn();
  }

  settle() {
    if (!this.arrived.size) return;
    this.makeNodes();
    const all = [...this.arrived].map(([place, { source }]) => [place, source]).sort(([a], [b]) => a - b);
    this.arrived.clear();
    if (!this.mustWait()) return this.insertAll(all, { counted: true });
    for (const [place, node] of all) this.held.set(place, node);
    this.tell();
  }

  addOwn(place, node) {
    this.settle();
    const wasAtEnd = this.endInSight() || this.isWriting();
    this.letAllIn();
    this.insertAll([[place, node]]);
    if (wasAtEnd) requestAnimationFrame(() => node.scrollIntoView({ block: "nearest" })); // once the form is empty
  }

  /** The server's newer version of a post (an edit, a reaction count), wherever it is now. */
  replace(number, html) {
    const [fresh] = nodesOf(html);
    if (this.held.has(number)) return this.held.set(number, fresh);
    if (this.arrived.has(number)) return this.arrived.set(number, { source: fresh, dress: asIs });
    const old = this.find(number);
    if (!old) return undefined;
    const focusId = old.contains(document.activeElement) && document.activeElement.id;
    old.replaceWith(fresh);
    this.watcher.unobserve(old);
    if (this.unseen.has(number)) this.watcher.observe(fresh);
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
    this.insertAll([[place, node]]);
    this.tell();
  }

  letAllIn() {
    this.settle();
    const all = [...this.held].sort(([a], [b]) => a - b);
    this.held.clear();
    this.insertAll(all);
  }

  /** `all` is [number, node] by number. Each stands before the first one in the page that has a higher number. */
  insertAll(all, { counted: isCounted = false } = {}) {
    const there = [...this.list.querySelectorAll(":scope > [data-number]")];
    const run = document.createDocumentFragment(); // neighbours go in together: each insertion restyles the page
    let next = null;
    for (const [place, node] of all.toReversed()) {
      node.classList.toggle("is-far", all.length > MANY);
      while (there.length && Number(there.at(-1).dataset.number) > place) {
        this.list.insertBefore(run, next);
        next = there.pop();
      }
      run.prepend(node);
    }
    this.list.insertBefore(run, next);
    announce(...all.map(([, node]) => node));
    for (const [place, node] of all) {
      if (isCounted) this.unseen.add(place);
      this.watcher.observe(node); // says at once which of them are in sight; the bar is told then
    }
  }

  seen(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.watcher.unobserve(target);
      this.unseen.delete(Number(target.dataset.number));
      target.classList.remove("is-far");
      target.classList.add("is-new"); // lights up before the eye, not while it is elsewhere
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
    if (n && this.levels) {
      const first = Math.min(...this.unseen, ...this.elsewhere);
      this.button.href = `?view=two&at=${first}#p${first}`;
    }
    const words = n ? counted("newOne", "newMany", n) : "";
    this.bar.querySelector("[data-new-posts-words]").textContent = words;
    this.bar.querySelector("[data-new-posts-status]").textContent = words;
  }
}

export function attach(root) {
  for (const list of root.querySelectorAll("[data-posts]")) NewPosts.of(list);
}
