// The page's side of live delivery (docs/live.md). One socket per page carries every stream the page shows.
//
// The promise: a watcher gets every event of its stream once, in order, or is told to reload (`onReset`). It rests on
// one rule, checked on every message: an event's number is the last one plus one. A smaller one is a repeat and is
// dropped; a larger one waits while the hole is fetched over HTTP.

const CLOSED = { BAD_MESSAGE: 4400, SIGNED_OUT: 4401, TOO_SLOW: 4408, TOO_MANY: 4429 };
const STALE_AFTER = 45_000; // two heartbeats and a little: a socket this silent is not trusted
const PROBE_WITHIN = 4_000; // a probe that is not answered by then means the socket is dead
const PING_EVERY = 25_000; // below the server's idle limit
const POLL_EVERY = 5_000; // over HTTP, when no socket can be opened
const SOCKET_TRIES = 2; // this many failures in a row, and HTTP takes over while sockets are still tried
const RETURNS_EVERY = 30_000; // whoever is put out again so soon stays out
const WAITING_AT_MOST = 500; // events kept while a hole is fetched; the rest is fetched again

/**
 * Milliseconds before try number `attempt` (0, 1, …): full jitter between 0.5 s and a bound that doubles to 30 s. It
 * begins at 8 s, because the end of one server process is the end of a thousand sockets; a network that returns is
 * noticed at once (`probe`).
 */
export function backOff(attempt, random = Math.random) {
  const bound = Math.min(30_000, 8_000 * 2 ** Math.min(attempt, 2));
  return 500 + random() * (bound - 500);
}

/** One stream as one page sees it: what came last, what waits for an earlier one, and whom to tell. */
class Watch {
  constructor(stream, after, handlers) {
    this.stream = stream;
    this.last = after;
    this.handlers = handlers;
    this.waiting = new Map();
    this.fetching = null;
    this.resetting = false;
    this.ended = false;
  }

  /** Give an event to the page, or keep it for later. Returns true when a hole must be fetched. */
  take(event) {
    if (this.ended || event.seq <= this.last) return false;
    if (this.resetting || event.seq !== this.last + 1) {
      if (this.waiting.size < WAITING_AT_MOST) this.waiting.set(event.seq, event);
      return !this.resetting;
    }
    this.give(event);
    for (let next; (next = this.waiting.get(this.last + 1)); ) {
      this.waiting.delete(next.seq);
      this.give(next);
    }
    for (const seq of this.waiting.keys()) if (seq <= this.last) this.waiting.delete(seq);
    return this.waiting.size > 0;
  }

  give(event) {
    this.last = event.seq;
    guard(() => this.handlers.onEvent?.(event));
  }

  /** The log cannot tell what was missed: the page reloads this part and says at which number it now is. */
  async reset(seq) {
    if (this.resetting || this.ended) return;
    this.resetting = true;
    try {
      const now = await this.handlers.onReset?.(seq);
      this.last = Number.isInteger(now) ? now : seq;
    } catch (error) {
      console.error(error);
      this.last = seq;
    } finally {
      this.resetting = false;
    }
    const kept = [...this.waiting.values()].sort((a, b) => a.seq - b.seq);
    this.waiting.clear();
    for (const event of kept) this.take(event);
  }
}

function guard(call) {
  try {
    call();
  } catch (error) {
    console.error(error); // one handler's mistake must not stop the stream
  }
}

class Live {
  constructor({ url = "/live/ws", events = "/live/streams/{name}/events", lang = document.documentElement.lang } = {}) {
    this.address = new URL(url, location.href);
    this.address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (lang) this.address.searchParams.set("lang", lang);
    this.events = events;
    this.lang = lang;
    this.watches = new Map();
    this.state = "connecting";
    this.socket = null;
    this.failures = 0;
    this.heard = 0;
    this.timers = {};
    this.byHttp = false; // whether the last poll brought an answer
    this.said = 0;
    this.polled = 0;
    this.polling = false;
    this.stopped = false;
    this.putOut = false; // between a 4401 and the word of `mayReturn`
    this.returned = 0;
    this.mayReturn = async () => false;
    this.listen();
    this.timers.tick = setInterval(() => this.tick(), 5_000);
  }

  /**
   * Watch a stream from number `after` (the number the page was made at; null = from now on).
   * Handlers, all optional: onEvent({stream, seq, kind, payload, at}), onReset(seq) → number or promise of it,
   * onPresence(count), onState(state), onRevoked(why). Returns a function that ends the watch.
   */
  watch(stream, after, handlers = {}) {
    const watch = new Watch(stream, after ?? -1, handlers);
    watch.fresh = after === null || after === undefined;
    this.end(this.watches.get(stream));
    this.watches.set(stream, watch);
    guard(() => handlers.onState?.(this.state));
    if (this.isOpen()) this.subscribe([watch]);
    else if (!this.socket) this.open();
    return () => this.end(watch);
  }

  end(watch) {
    if (!watch || watch.ended) return;
    watch.ended = true;
    if (this.watches.get(watch.stream) === watch) this.watches.delete(watch.stream);
    this.say({ type: "unsubscribe", streams: [watch.stream] });
  }

  /** Stop for good. */
  close() {
    this.stopped = true;
    for (const stop of this.unlisten) stop();
    clearInterval(this.timers.tick);
    clearTimeout(this.timers.open);
    this.drop();
    this.become("offline");
  }

  // -- the socket

  open() {
    clearTimeout(this.timers.open);
    this.timers.open = null;
    if (this.stopped || this.putOut || this.socket || this.watches.size === 0) return;
    if (this.state !== "live") this.become(this.failures < SOCKET_TRIES && navigator.onLine ? "connecting" : this.state);
    let socket;
    try {
      socket = new WebSocket(this.address);
    } catch {
      this.retry();
      return;
    }
    this.socket = socket;
    const slow = setTimeout(() => socket === this.socket && !this.isOpen() && this.lost(), 10_000);
    socket.onopen = () => {
      clearTimeout(slow);
      this.heard = this.said = Date.now();
      this.subscribe([...this.watches.values()]);
    };
    socket.onmessage = (message) => socket === this.socket && this.receive(message.data);
    socket.onclose = (event) => {
      clearTimeout(slow);
      if (socket === this.socket) this.closed(event.code);
    };
  }

  closed(code) {
    if (code === CLOSED.SIGNED_OUT) return void this.leave();
    if (code === CLOSED.TOO_MANY || code === CLOSED.BAD_MESSAGE) this.failures = Math.max(this.failures, SOCKET_TRIES);
    this.lost();
    if (code === CLOSED.TOO_SLOW && this.failures === 1) this.openIn(500); // that was about us alone
  }

  /**
   * All sockets of a member end when one of their sign-ins does, or when what they may do changes. Whose sign-in is
   * still good comes back, with the standing it has now; for the others it is over.
   */
  async leave() {
    this.putOut = true;
    this.drop();
    const soon = Date.now() - this.returned < RETURNS_EVERY;
    // Not at once: who puts the others out signs their own session anew in the same moment.
    await new Promise((done) => setTimeout(done, 500 + Math.random() * 1_000));
    const again = !soon && !this.stopped && (await this.mayReturn().catch(() => false));
    this.putOut = false;
    if (this.stopped) return;
    if (again) {
      this.returned = Date.now();
      this.open();
      return;
    }
    this.close();
    for (const watch of [...this.watches.values()]) this.revoke(watch, "signed_out");
  }

  /** The socket is gone, or not to be trusted: leave it and come back. */
  lost() {
    this.drop();
    this.retry();
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    clearTimeout(this.timers.probe);
    this.timers.probe = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  retry() {
    if (this.stopped) return;
    this.failures += 1;
    if (!this.byHttp) this.become(this.failures > 1 || !navigator.onLine ? "offline" : "connecting");
    this.openIn(backOff(this.failures - 1));
  }

  openIn(milliseconds) {
    clearTimeout(this.timers.open);
    this.timers.open = setTimeout(() => this.open(), milliseconds);
  }

  isOpen() {
    return this.socket !== null && this.socket.readyState === WebSocket.OPEN;
  }

  say(message) {
    if (!this.isOpen()) return;
    this.said = Date.now();
    this.socket.send(JSON.stringify(message));
  }

  subscribe(watches) {
    const streams = {};
    for (const watch of watches) streams[watch.stream] = watch.fresh ? null : watch.last;
    if (watches.length) this.say({ type: "subscribe", streams });
  }

  // -- what the server says

  receive(text) {
    this.heard = Date.now();
    clearTimeout(this.timers.probe);
    this.timers.probe = null;
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    const watch = message.stream && this.watches.get(message.stream);
    if (message.type === "event") watch && this.take(watch, message);
    else if (message.type === "subscribed" || message.type === "beat") this.numbers(message);
    else if (message.type === "pong") this.failures === 0 && this.become("live"); // the line was cut, the socket was not
    else if (message.type === "reset") watch?.reset(message.seq);
    else if (message.type === "presence") watch && guard(() => watch.handlers.onPresence?.(message.count));
    else if (message.type === "denied" || message.type === "revoked") watch && this.revoke(watch);
  }

  take(watch, event) {
    if (watch.take(event)) this.fetchHole(watch);
  }

  /** Newest numbers: the server's answer to a subscription, or its heartbeat. */
  numbers({ type, streams }) {
    for (const [name, seq] of Object.entries(streams)) {
      const watch = this.watches.get(name);
      if (!watch) continue;
      if (watch.fresh) {
        watch.fresh = false;
        watch.last = seq;
      } else if (type === "beat" && seq > watch.last) {
        this.fetchHole(watch);
      }
    }
    this.failures = 0;
    this.byHttp = false;
    this.become("live");
  }

  /** `why`: "signed_out" ends all streams, "denied" this one. */
  revoke(watch, why = "denied") {
    watch.ended = true;
    this.watches.delete(watch.stream);
    guard(() => watch.handlers.onRevoked?.(why));
  }

  // -- over HTTP: holes, and everything when no socket can be had

  fetchHole(watch) {
    if (watch.fetching || watch.fresh || watch.resetting) return watch.fetching;
    watch.fetching = this.fetchFrom(watch)
      .catch(() => false)
      .finally(() => (watch.fetching = null));
    return watch.fetching;
  }

  /** Read what follows `watch.last` until there is no more. Resolves to whether the server answered. */
  async fetchFrom(watch) {
    for (let newest = Infinity; watch.last < newest && !watch.ended; ) {
      const page = await this.page(watch);
      if (!page) return true;
      if (page.reset) {
        await watch.reset(page.seq);
        return true;
      }
      if (page.events.length === 0) return true;
      for (const event of page.events) watch.take(event);
      newest = page.seq;
    }
    return true;
  }

  /** One page of events; null when the stream is not there for us (any more). Throws when the network is not. */
  async page(watch) {
    const address = new URL(this.events.replace("{name}", encodeURIComponent(watch.stream)), location.href);
    if (!watch.fresh) address.searchParams.set("after", watch.last);
    if (this.lang) address.searchParams.set("lang", this.lang);
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (answer.status === 404) {
      this.revoke(watch);
      return null;
    }
    if (!answer.ok) throw new Error(`live events: ${answer.status}`);
    const page = await answer.json();
    if (watch.fresh) {
      watch.fresh = false;
      watch.last = page.seq;
    }
    return page;
  }

  async poll() {
    if (this.polling || document.hidden) return;
    this.polling = true;
    const answers = await Promise.all([...this.watches.values()].map((watch) => this.fetchHole(watch)));
    this.polling = false;
    if (this.isOpen() || this.stopped || answers.length === 0) return;
    this.byHttp = answers.every(Boolean);
    this.become(this.byHttp ? "live" : "offline");
  }

  // -- time, and the page's own life

  tick() {
    const now = Date.now();
    if (this.isOpen()) {
      if (now - this.heard > STALE_AFTER) this.lost();
      else if (now - this.said > PING_EVERY) this.say({ type: "ping" });
    } else if (this.failures >= SOCKET_TRIES && now - this.polled >= POLL_EVERY) {
      this.polled = now;
      this.poll();
    }
  }

  /** Do not believe that an open socket works (a sleeping laptop's does not): ask, and leave it if nothing answers. */
  probe() {
    if (this.stopped) return;
    if (!this.isOpen()) {
      this.failures = Math.min(this.failures, 1);
      if (!this.socket) this.open();
      return;
    }
    this.say({ type: "ping" });
    this.timers.probe ??= setTimeout(() => {
      this.drop();
      this.open();
    }, PROBE_WITHIN);
  }

  listen() {
    const on = (target, name, call) => {
      target.addEventListener(name, call);
      return () => target.removeEventListener(name, call);
    };
    this.unlisten = [
      on(document, "visibilitychange", () => document.hidden || this.probe()),
      on(window, "online", () => this.probe()),
      on(window, "offline", () => {
        this.byHttp = false;
        this.become("offline");
      }),
      on(window, "pagehide", () => this.drop()),
      on(window, "pageshow", (event) => event.persisted && this.probe()),
    ];
  }

  become(state) {
    if (this.state === state) return;
    this.state = state;
    for (const watch of this.watches.values()) guard(() => watch.handlers.onState?.(state));
  }
}

let shared = null;

/** The page's connection; every caller on a page gets the same one. */
export function connect(options) {
  if (!shared || shared.stopped) shared = new Live(options);
  return shared;
}
