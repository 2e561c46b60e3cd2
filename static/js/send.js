// Sends a form without leaving the page, exactly once. One idempotency key belongs to one text: the same key goes with
// every retry after a dead network or a failing server; a refusal (4xx) ends it, and the corrected form gets a new one.

import { announce, nodesOf } from "./enhance.js";
import { Later } from "./later.js";
import { NewPosts } from "./newposts.js";
import { isSignInNeeded, signInUrl } from "./signed-out.js";
import { word } from "./words.js";

const WAITS = [2000, 5000, 10_000, 20_000, 40_000];
const ready = new WeakMap();
const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;

/** What a response means: done, wait (same key again later), refused (tell the writer), or moved (go there). */
export function verdict(response) {
  if (response.redirected) return "moved";
  if (response.ok) return "done";
  if (response.status >= 500 || (response.status === 409 && response.headers.has("Retry-After"))) return "wait";
  return "refused";
}

class Sender {
  constructor(form) {
    this.form = form;
    this.busy = false;
    this.tries = 0;
    this.timer = 0;
    this.given = null; // what an earlier tab wanted to send, as it was
    this.later = Later.of(form);
    this.keyField = form.elements.idempotency_key ?? this.addKey();
    if (!this.keyField.value) this.keyField.value = newKey();
    form.addEventListener("submit", (event) => this.submit(event));
    form.addEventListener("input", () => this.timer && this.changed());
    addEventListener("online", () => this.timer && this.again(0));
  }

  /** The writer goes on while it waits for a line: what is kept for later follows; without words, nothing is sent. */
  changed() {
    this.given = null;
    if (this.form.elements.body?.value.trim() !== "") return this.later?.keep(this.what());
    clearTimeout(this.timer);
    this.timer = 0;
    this.hold(false);
    this.say("");
    this.later?.forget();
  }

  what() {
    const data = this.given ?? new FormData(this.form, this.submitter ?? undefined);
    return { key: this.keyField.value, address: this.address(), data };
  }

  /** Go on where an earlier tab had to leave off: the same text with the same key. */
  resume({ key, entries }) {
    if (this.busy) return false;
    this.given = new FormData();
    for (const [name, text] of entries) this.given.append(name, text);
    this.given.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    this.keyField.value = key;
    this.submitter = null;
    this.tries = 0;
    this.send();
    return true;
  }

  addKey() {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "idempotency_key" });
    this.form.append(field);
    return field;
  }

  submit(event) {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (this.busy) return; // pressed twice: the first press is on its way
    this.submitter = event.submitter;
    this.tries = 0;
    this.send();
  }

  async send() {
    this.timer = 0;
    this.hold(true);
    this.say(word("sending"));
    const { key, address, data } = this.what();
    this.later?.keep({ key, address, data }); // from now on it is sent, whatever becomes of this tab
    try {
      const response = await fetch(address, {
        method: "POST",
        body: data,
        headers: { Accept: "application/json, text/html;q=0.5", "Idempotency-Key": key },
        credentials: "same-origin",
      });
      await this.take(response);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.again(); // the network is gone; the text and its key stay
    }
  }

  /** By attribute: the property of a button without a formaction names the page, not the form's address. */
  address() {
    return this.submitter?.getAttribute("formaction") || this.form.getAttribute("action") || location.href;
  }

  async take(response) {
    const meaning = verdict(response);
    if (meaning === "wait") return this.again(Number(response.headers.get("Retry-After")) * 1000 || undefined);
    const isJson = response.headers.get("Content-Type")?.includes("json");
    const body = isJson ? await response.json() : await response.text();
    this.hold(false);
    this.given = null;
    this.later?.forget();
    this.keyField.value = newKey();
    if (meaning === "refused") return this.refuse(response, body);
    this.say("");
    this.showErrors({});
    this.done(meaning === "moved" || !isJson ? { url: response.url } : body);
  }

  done(answer) {
    const event = new CustomEvent("hiroba:sent", { bubbles: true, cancelable: true, detail: answer });
    if (!this.form.dispatchEvent(event)) return;
    const list = this.form.dataset.sendInto && document.querySelector(this.form.dataset.sendInto);
    if (answer.html && list) {
      this.form.reset();
      this.form.dispatchEvent(new Event("input", { bubbles: true }));
      NewPosts.of(list).add(answer.html, { number: answer.number, own: true });
    } else if (answer.url) {
      location.assign(answer.url);
    }
  }

  /** Try later with the same key: at the given delay, at the next step of the ladder, or when the line is back. */
  again(delay) {
    if (this.tries >= WAITS.length && delay === undefined && navigator.onLine) {
      this.hold(false); // the key stays: pressing Send again cannot post twice
      this.later?.forget(); // its writer is here, and decides
      this.say(word("failed"), true);
      return;
    }
    clearTimeout(this.timer);
    const wait = delay ?? WAITS[Math.min(this.tries, WAITS.length - 1)];
    this.tries += 1;
    this.say(navigator.onLine ? word("retrying") : word("offline"), true);
    this.timer = setTimeout(() => this.send(), wait);
  }

  refuse(response, body) {
    const event = new CustomEvent("hiroba:refused", { bubbles: true, cancelable: true, detail: body });
    if (!this.form.dispatchEvent(event)) return this.say("");
    if (isSignInNeeded(response, body)) {
      const lost = this.later ? word("signedOut") : body.detail;
      return this.say(`${lost} `, true, { label: word("signIn"), href: signInUrl() });
    }
    const wait = Number(response.headers.get("Retry-After"));
    if (typeof body === "string") {
      if (this.adopt(body)) return this.say("");
      return this.say(word("failed"), true);
    }
    const errors = {};
    for (const error of body.errors ?? []) (errors[error.field ?? "__all__"] ??= []).push(error.message);
    if (body.field && !body.errors) errors[body.field] = [body.detail ?? body.title];
    this.showErrors(errors);
    this.say(body.detail ?? body.title ?? (wait > 0 ? word("wait", wait) : word("failed")), true);
  }

  /** A refusal that came as a page: take the errors out of the same form there. */
  adopt(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const twin = this.form.id && page.getElementById(this.form.id);
    if (!twin) return false;
    const errors = {};
    for (const box of twin.querySelectorAll("[data-error-for]")) {
      const lines = [...box.querySelectorAll("li")].map((li) => li.textContent.trim());
      if (lines.length) errors[box.dataset.errorFor] = lines;
    }
    this.showErrors(errors);
    return Object.keys(errors).length > 0;
  }

  showErrors(errors) {
    for (const box of this.form.querySelectorAll("ul[data-error-for]")) {
      const lines = errors[box.dataset.errorFor] ?? [];
      box.replaceChildren(...lines.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
      const field = this.form.elements.namedItem(box.dataset.errorFor);
      if (field instanceof Element) field.toggleAttribute("aria-invalid", lines.length > 0);
      if (field instanceof Element && lines.length) field.setAttribute("aria-invalid", "true");
    }
    this.form.querySelector('[aria-invalid="true"]')?.focus();
  }

  hold(busy) {
    this.busy = busy;
    this.form.setAttribute("aria-busy", String(busy));
    for (const button of this.form.querySelectorAll('button:not([type="button"])')) {
      button.toggleAttribute("aria-disabled", busy);
      if (busy) button.setAttribute("aria-disabled", "true");
    }
  }

  say(text, bad = false, link = null) {
    const line = this.form.querySelector("[data-send-state]") ?? this.addState();
    line.textContent = text;
    if (link) line.append(Object.assign(document.createElement("a"), { href: link.href, textContent: link.label }));
    line.dataset.tone = bad ? "danger" : "";
  }

  addState() {
    const line = Object.assign(document.createElement("p"), { className: "form-state" });
    line.dataset.sendState = "";
    line.setAttribute("role", "status");
    (this.form.querySelector(".form-actions") ?? this.form).append(line);
    return line;
  }
}

/** A small button of the page's one form (a reaction): send it, swap what the server answers. */
async function press(button) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(button.formAction, {
      method: "POST",
      body: new FormData(button.form, button),
      headers: { Accept: "application/json, text/html;q=0.5" },
      credentials: "same-origin",
    });
    await swap(button, response);
  } catch {
    const { toast } = await import("./enhance.js");
    toast(word("failed"));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function swap(button, response) {
  const isJson = response.headers.get("Content-Type")?.includes("json");
  const answer = isJson ? await response.json() : {};
  if (!response.ok) {
    const { toast } = await import("./enhance.js");
    const action = isSignInNeeded(response, answer) ? { label: word("signIn"), href: signInUrl() } : undefined;
    toast(answer.detail ?? word("failed"), { action });
    return;
  }
  const target = answer.replace && document.querySelector(answer.target ?? `#${CSS.escape(button.parentElement.id)}`);
  if (!target) return location.assign(answer.url ?? response.url);
  const [node] = nodesOf(answer.replace);
  const same = (other) => (button.dataset.kind ? other.dataset.kind === button.dataset.kind : other.value === button.value);
  const focused = document.activeElement === button;
  target.replaceWith(node);
  announce(node);
  if (focused) [...node.querySelectorAll("button")].find(same)?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-send-button]");
  if (!button?.form) return;
  event.preventDefault();
  press(button);
});

export function attach(root) {
  for (const form of root.querySelectorAll("form[data-send]")) {
    if (ready.has(form)) continue;
    ready.set(form, new Sender(form));
  }
}

/** Let the sender of this form go on with what an earlier tab left (later.js); false where it has none, or is busy. */
export const resume = (form, sent) => ready.get(form)?.resume(sent) ?? false;
