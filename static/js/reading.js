// The read clock: a post counts as read once half of it (or half a window full of it) was in view for a second while
// the page is looked at and the reader is there. Three minutes without a move, and the clock stands still, so that an
// open tab reads nothing. What was read goes to the server in batches; what could not be sent waits in this browser.

import { own } from "./own.js";

const TICK = 500;
const TICKS = 2; // in view, before a post counts
const AWAY = 3 * 60 * 1000;
const GATHER = 3000; // milliseconds from the first news to the report
const EVERY = 60; // seconds of reading that are reported though nothing new was read
const WAITS = [5000, 10_000, 20_000, 40_000];

const form = document.getElementById("act");
const store = `hiroba:read:${form?.dataset.member}`;

/** Numbers by thread, kept in this browser until the server has them. */
const waiting = {
  all() {
    try {
      return JSON.parse(localStorage.getItem(store)) ?? {};
    } catch {
      return {};
    }
  },
  put(all) {
    try {
      if (Object.keys(all).length) localStorage.setItem(store, JSON.stringify(all));
      else localStorage.removeItem(store);
    } catch {
      // without a store, what is not sent from this page is not sent
    }
  },
  add(thread, number) {
    const all = this.all();
    if (!(all[thread] >= number)) this.put({ ...all, [thread]: number });
  },
  /** Take out what the server has; what rose meanwhile stays. */
  sent(sent) {
    this.put(Object.fromEntries(Object.entries(this.all()).filter(([thread, number]) => number > (sent[thread] ?? 0))));
  },
};

class Clock {
  constructor(list) {
    this.list = list;
    this.thread = list.dataset.thread;
    this.url = list.dataset.readUrl;
    this.read = Number(list.dataset.read);
    this.seconds = 0;
    this.moved = performance.now();
    this.near = new Map(); // posts near the window: node → ticks in view
    this.timer = 0;
    this.tries = 0;
    this.busy = false;
    this.line = this.drawLine();
    this.watcher = new IntersectionObserver((entries) => this.passed(entries));
    for (const node of list.querySelectorAll("[data-number]")) this.watcher.observe(node);
    document.addEventListener("hiroba:added", ({ target }) => this.added(target));
    for (const kind of ["scroll", "pointermove", "pointerdown", "keydown", "wheel", "touchmove"]) {
      addEventListener(kind, () => (this.moved = performance.now()), { passive: true, capture: true });
    }
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.leave();
      else this.moved = performance.now();
    });
    addEventListener("online", () => this.timer && this.later(0));
    setInterval(() => this.tick(), TICK);
    if (Object.keys(waiting.all()).length) this.later(GATHER);
    own((event) => this.elsewhere(event));
  }

  /** The line above the first unread post, if there are read ones before it and it stands on this page. */
  drawLine() {
    const line = Object.assign(document.createElement("p"), { className: "unread-line", id: "unread" });
    line.textContent = document.getElementById("thread-words").dataset.unreadLine;
    if (this.read) this.moveLine(line);
    // Who was led here is at that post already, and stays there.
    if (line.isConnected && location.hash === `#p${this.read + 1}`) line.nextElementSibling.scrollIntoView({ block: "start" });
    return line;
  }

  moveLine(line) {
    const next = document.getElementById(`p${this.read + 1}`);
    if (next && this.list.contains(next)) next.before(line);
    else line.remove();
  }

  added(node) {
    if (node.matches?.("[data-number]") && this.list.contains(node)) this.watcher.observe(node);
  }

  passed(entries) {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) this.near.set(target, this.near.get(target) ?? 0);
      else this.near.delete(target);
    }
  }

  isThere() {
    return document.visibilityState === "visible" && performance.now() - this.moved < AWAY;
  }

  tick() {
    if (!this.isThere()) return;
    this.seconds += TICK / 1000;
    let reached = this.read;
    for (const [node, ticks] of this.near) {
      const number = Number(node.dataset.number);
      if (!node.isConnected) this.near.delete(node);
      else if (number > reached && this.isInView(node)) {
        this.near.set(node, ticks + 1);
        if (ticks + 1 >= TICKS) reached = number;
      }
    }
    if (reached > this.read) this.reach(reached);
    else if (this.seconds >= EVERY) this.later(0);
  }

  isInView(node) {
    const { top, bottom, height } = node.getBoundingClientRect();
    return Math.min(bottom, innerHeight) - Math.max(top, 0) >= Math.min(height, innerHeight) / 2;
  }

  reach(number) {
    this.read = number;
    this.list.dataset.read = number;
    waiting.add(this.thread, number);
    sessionStorage.setItem(`hiroba:reached:${this.thread}`, number); // for the list one goes back to (news.js)
    this.later(GATHER);
  }

  later(wait) {
    if (this.timer && wait) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  report() {
    const reached = waiting.all();
    const seconds = Math.floor(this.seconds);
    const data = new URLSearchParams(Object.entries(reached).map((pair) => ["reached", pair.join(":")]));
    if (seconds) data.set("seconds", seconds);
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    return { reached, seconds, data };
  }

  async send() {
    this.timer = 0;
    if (this.busy) return this.later(GATHER);
    this.busy = true;
    const { reached, seconds, data } = this.report();
    this.seconds -= seconds; // reported once, however long the answer takes
    let again = true;
    try {
      const answer = await fetch(this.url, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin" });
      again = answer.status >= 500 || answer.status === 429;
    } catch {
      // no network
    }
    this.busy = false;
    if (!again) {
      this.tries = 0;
      return waiting.sent(reached);
    }
    this.seconds += seconds;
    if (this.tries < WAITS.length) this.later(WAITS[this.tries]);
    this.tries += 1; // after the last try it waits for the next post that is read, or the next page
  }

  /** The page goes: a last report that nobody waits for. Without a line it stays for the next page. */
  leave() {
    const { reached, seconds, data } = this.report();
    if (!Object.keys(reached).length && seconds < 5) return;
    if (navigator.onLine && navigator.sendBeacon?.(this.url, data)) {
      clearTimeout(this.timer);
      this.timer = 0;
      this.seconds -= seconds;
      waiting.sent(reached);
    }
  }

  /** Another device has read on: the line goes there. Under the eyes of who reads here it stays where it is. */
  elsewhere({ kind, payload }) {
    if (kind !== "read" || String(payload.thread) !== this.thread || payload.number <= this.read) return;
    this.read = payload.number;
    this.list.dataset.read = payload.number;
    if (this.line.isConnected) this.moveLine(this.line);
  }
}

let clock = null;

export function attach(root) {
  const list = root.querySelector("[data-read]");
  if (list && form) clock ??= new Clock(list);
}
