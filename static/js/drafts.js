// What somebody typed is never lost: each form with data-draft-key keeps its fields in this browser until the server
// has confirmed the post. "Saved" is shown only after the text was read back from the store.
//
// Two tabs on one draft: the tab that types last owns it; the other one is told, and stops saving until its reader
// decides. Files cannot be kept here, so their loss is said aloud.
//
// A member's draft goes to the server as well (draft-server.js), after it was kept here.

import { Remote } from "./draft-server.js";
import { word } from "./words.js";

const PREFIX = "hiroba:draft:";
const PAUSE = 500; // milliseconds without typing before a save
const KEEP = 60 * 24 * 60 * 60 * 1000; // a draft untouched for 60 days is swept
export const TAB = crypto.randomUUID?.() ?? String(Math.random());
const NEVER = new Set(["csrfmiddlewaretoken", "idempotency_key", "next", "draft"]);
const attached = new Map();

/** The fields of a form worth keeping: text, choices and hidden targets; no secrets, no files. */
export function fieldsOf(form) {
  const kept = {};
  for (const field of form.elements) {
    if (!field.name || NEVER.has(field.name) || ["file", "password", "submit", "button"].includes(field.type)) continue;
    const value = ["checkbox", "radio"].includes(field.type) ? (field.checked ? field.value : null) : field.value;
    (kept[field.name] ??= []).push(value);
  }
  return kept;
}

export function fill(form, kept) {
  const seen = {};
  for (const field of form.elements) {
    if (!(field.name in kept) || ["file", "password", "submit", "button"].includes(field.type)) continue;
    const place = (seen[field.name] = (seen[field.name] ?? -1) + 1);
    const value = kept[field.name][place];
    if (["checkbox", "radio"].includes(field.type)) field.checked = value === field.value;
    else if (value !== undefined && value !== null) field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** Whether something was written, or a picture chosen: whom a reply answers, or which category, is no draft alone. */
function isWritten(form) {
  const said = "textarea, input:not([type]), [type=text], [name=kept_picture], [name=picture_list]";
  return [...form.elements].some((field) => field.name && field.matches(said) && field.value.trim());
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const blank = (kept) => Object.values(kept).flat().every((value) => !value);

/** What this browser keeps of a place; null without a draft. */
export function kept(context) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + context));
  } catch {
    return null;
  }
}

/** Keep a text whose form is not on this page. */
export function put(context, draft) {
  const whole = { at: Date.now(), tab: TAB, ...draft };
  localStorage.setItem(PREFIX + context, JSON.stringify(whole));
  return whole;
}

export const forget = (context) => localStorage.removeItem(PREFIX + context);

class Draft {
  constructor(form) {
    this.form = form;
    this.key = PREFIX + form.dataset.draftKey;
    this.first = fieldsOf(form);
    this.timer = 0;
    this.owner = true;
    this.filling = false;
    this.state = form.querySelector("[data-draft-state]");
    this.remote = Remote.of(this, TAB);
    form.addEventListener("input", () => this.later());
    form.addEventListener("change", (event) => event.target.type === "file" && this.later());
    form.addEventListener("hiroba:sent", () => this.clear());
    form.addEventListener("submit", () => this.save()); // a plain submit: it stays until the next page says it arrived
    if (this.remote) this.remote.begin(this.read());
    else this.restore();
  }

  get fields() {
    return fieldsOf(this.form);
  }

  get isBlank() {
    return same(this.fields, this.first);
  }

  /** Whether what was kept here is worth bringing back. */
  isWorth(draft) {
    return Boolean(draft?.fields) && !same(draft.fields, this.first) && !blank(draft.fields);
  }

  read() {
    return kept(this.form.dataset.draftKey);
  }

  later() {
    if (this.filling || !this.owner) return;
    this.say("");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  /** Write, read back, and only then say so. */
  save() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (!this.owner) return false;
    const fields = fieldsOf(this.form);
    if (same(fields, this.first) || !isWritten(this.form)) return this.drop();
    const kept = this.keep(fields, { base: this.remote?.base, dirty: Boolean(this.remote) });
    const files = [...this.form.querySelectorAll('input[type="file"]')].some((field) => field.files.length);
    this.say(kept ? word("draftSaved") + (files ? ` · ${word("draftPictures")}` : "") : word("draftUnsaved"), !kept);
    this.remote?.changed();
    return kept;
  }

  /** Into this browser, and read back. */
  keep(fields, more) {
    const text = JSON.stringify({ at: Date.now(), tab: TAB, fields, ...more });
    let kept = false;
    try {
      localStorage.setItem(this.key, text);
      kept = localStorage.getItem(this.key) === text;
    } catch {
      kept = false; // full, or forbidden in a private window
    }
    return kept;
  }

  /** Bring a text back; returns whether it was. */
  restore(draft = this.read()) {
    if (!this.isWorth(draft)) return false;
    if (this.form.querySelector('[aria-invalid="true"]')) return false; // the server gave back newer words than ours
    const before = this.first;
    this.put(draft.fields);
    this.note(word("draftRestored"), [
      [word("draftDiscard"), () => (this.put(before), this.drop(), this.say(word("draftDiscarded")))],
    ]);
    return true;
  }

  put(fields) {
    this.filling = true;
    fill(this.form, fields);
    this.filling = false;
  }

  /** Another tab wrote, sent or dropped this draft. */
  changedElsewhere(text) {
    clearTimeout(this.timer);
    this.owner = false;
    this.say("");
    const theirs = text && JSON.parse(text);
    if (theirs && same(theirs.fields, this.fields)) return void (this.owner = true); // the same words: nothing to tell
    const here = [word("draftKeepHere"), () => this.take()];
    if (!theirs) {
      if (same(fieldsOf(this.form), this.first)) this.owner = true;
      else this.note(word("draftSentElsewhere"), [here]);
      return;
    }
    const there = [word("draftTakeTheirs"), () => (this.put(this.read()?.fields ?? theirs.fields), this.take())];
    this.note(word("draftElsewhere"), [here, there]);
  }

  /** What stands in this window is the draft from now on. */
  async take() {
    await this.remote?.catchUp();
    this.owner = true;
    this.save();
  }

  /** The draft is not wanted any more, anywhere. */
  drop() {
    this.remote?.discard();
    return this.forget();
  }

  forget() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // nothing was kept either
    }
    this.say("");
    return true;
  }

  clear() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.form.querySelector(".draft-note")?.remove();
    this.owner = true;
    this.remote?.sent();
    this.forget();
    setTimeout(() => this.begin()); // whoever sent the form empties it now, and an empty form is no draft
  }

  begin() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.first = fieldsOf(this.form);
    this.say("");
  }

  say(text, bad = false) {
    if (!this.state || this.state.textContent === text) return;
    this.state.textContent = text;
    this.state.toggleAttribute("data-bad", bad);
  }

  note(text, actions, other = "") {
    this.form.querySelector(".draft-note")?.remove();
    const note = document.createElement("div");
    note.className = "draft-note";
    note.setAttribute("role", "status");
    const line = document.createElement("span");
    line.textContent = text;
    note.append(line);
    if (other) note.append(Object.assign(document.createElement("blockquote"), { className: "draft-other", textContent: other }));
    for (const [label, run] of actions) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => (note.remove(), run()));
      note.append(button);
    }
    this.form.prepend(note);
  }
}

function sweep() {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(PREFIX)) continue;
    try {
      if (Date.now() - JSON.parse(localStorage.getItem(key)).at > KEEP) localStorage.removeItem(key);
    } catch {
      localStorage.removeItem(key);
    }
  }
}

export function attach(root) {
  for (const form of root.querySelectorAll("form[data-draft-key]")) {
    if (!attached.has(form)) attached.set(form, new Draft(form));
  }
}

try {
  sweep();
} catch {
  // a browser without a store: save() will say so when it matters
}

addEventListener("storage", (event) => {
  for (const draft of attached.values()) if (event.key === draft.key) draft.changedElsewhere(event.newValue);
});
const flush = () => {
  for (const draft of attached.values()) {
    if (draft.timer) draft.save();
    draft.remote?.leave();
  }
};
addEventListener("pagehide", flush);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());
