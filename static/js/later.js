// What is being sent, kept beside its draft until the server has answered: text, key and address. A tab that is closed
// without a line leaves it behind, and the next page of the same member sends it (sent-later.js). While a tab is at it
// itself, it holds a lock of the same name, which the browser takes from it when it goes.

export const PREFIX = "hiroba:later:";
// The server knows a key for two days (core.idempotency); what is older might be posted a second time.
const KEEP = 46 * 60 * 60 * 1000;
const OURS = new Set(["csrfmiddlewaretoken", "idempotency_key"]);

export const act = () => document.getElementById("act");
const mine = () => `${PREFIX}${act()?.dataset.member}:`;

/** What waits for the member of this page: [slot, …]. What is past its time goes, whoever wrote it. */
export function waiting() {
  const all = Object.keys(localStorage).filter((slot) => slot.startsWith(PREFIX) && read(slot));
  return all.filter((slot) => slot.startsWith(mine()));
}

/** {at, key, address, context, draftUrl, page, entries}; null when another tab has sent it, or it is past its time. */
export function read(slot) {
  try {
    const kept = JSON.parse(localStorage.getItem(slot));
    if (kept && Date.now() - kept.at < KEEP) return kept;
  } catch {
    // not ours, or cut off
  }
  forget(slot);
  return null;
}

export function forget(slot) {
  try {
    localStorage.removeItem(slot);
  } catch {
    // nothing was kept either
  }
}

export class Later {
  /** None for a visitor, and for a form without a draft. */
  static of(form) {
    return act() && form.dataset.draftUrl ? new Later(form) : null;
  }

  constructor(form) {
    this.form = form;
    this.slot = "";
    addEventListener("pagehide", () => this.letGo());
  }

  /** Files cannot be kept: what has some is sent by this tab or not at all. */
  keep({ key, address, data }) {
    const entries = [...data].filter(([name, value]) => !OURS.has(name) && !(value instanceof File && !value.size));
    if (entries.some(([, value]) => value instanceof File)) return;
    const slot = mine() + key;
    if (this.slot !== slot) this.forget();
    this.slot = slot;
    const { draftKey: context, draftUrl } = this.form.dataset;
    const page = location.pathname + location.search;
    const at = read(slot)?.at ?? Date.now();
    try {
      localStorage.setItem(slot, JSON.stringify({ at, key, address, context, draftUrl, page, entries }));
    } catch {
      return; // full, or forbidden in a private window
    }
    this.hold();
  }

  hold() {
    if (this.release || !navigator.locks) return;
    const held = new Promise((done) => (this.release = done));
    navigator.locks.request(this.slot, () => held).catch(() => {}); // the page is on its way out
  }

  letGo() {
    this.release?.();
    this.release = null;
  }

  /** It was answered, or is not wanted any more. */
  forget() {
    if (this.slot) forget(this.slot);
    this.slot = "";
    this.letGo();
  }
}
