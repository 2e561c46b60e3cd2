// The copy of a draft on the server: for another device, and for the list of drafts. The browser's own copy comes
// first (drafts.js); this one follows when the writer pauses. Each save names the number it builds on (`base`) and the
// window it comes from; when another window was quicker, the server refuses, and both texts are offered here.
//
// A window whose text is the server's own follows silently what another device writes. One that has words of its own
// is asked first.

import { own } from "./own.js";
import { word } from "./words.js";

const PAUSE = 1500; // milliseconds after the browser's own save
const WAITS = [5000, 10_000, 20_000, 40_000];
const EXCERPT = 300;

const act = document.getElementById("act");

/** Whether two sets of fields say the same; a field that is not there is an empty one. */
function alike(one = {}, other = {}) {
  const said = (fields, name) => JSON.stringify((fields[name] ?? []).filter(Boolean));
  return [...Object.keys(one), ...Object.keys(other)].every((name) => said(one, name) === said(other, name));
}

export class Remote {
  /** None where nobody is signed in, or the form has no place on the server. */
  static of(draft, tab) {
    return act && draft.form.dataset.draftUrl ? new Remote(draft, tab) : null;
  }

  constructor(draft, tab) {
    this.draft = draft;
    this.tab = tab;
    this.url = draft.form.dataset.draftUrl;
    this.context = draft.form.dataset.draftKey;
    this.base = Number(draft.form.dataset.draftSequence);
    this.there = "draftThere" in draft.form.dataset;
    this.proposed = this.base;
    this.dirty = false; // whether there are words here that the server does not have
    this.busy = null;
    this.timer = 0;
    this.tries = 0;
    this.turn = 0; // goes up when the text in the form is done with: what is still on its way does not matter then
    this.mark = Object.assign(document.createElement("input"), { type: "hidden", name: "draft" });
    draft.form.append(this.mark); // tells the server, with the post, which draft is sent
    own((event) => this.heard(event));
    addEventListener("online", () => this.dirty && this.later(0));
  }

  /** Which of the two copies the form begins with. */
  async begin(local) {
    const { draft } = this;
    const worth = draft.isWorth(local);
    if (!this.there) {
      if (worth && local.base > 0 && !local.dirty) return draft.forget(); // sent or discarded on another device
      if (draft.restore(local)) this.changed();
      return;
    }
    if (worth && local.base === this.base) {
      if (draft.restore(local) && local.dirty) this.changed();
      return;
    }
    const theirs = await this.ask();
    if (!draft.isBlank) return this.dirty && this.later(0); // somebody types already; the server will say no if it must
    if (!worth || !local.dirty) return theirs && !theirs.gone && this.follow(theirs, { aloud: true });
    draft.restore(local);
    const mine = theirs?.owner === local.tab; // its last save came as that page went
    if (!mine && !alike(theirs?.fields, local.fields)) return this.refused(theirs);
    this.stand(theirs.sequence);
    this.changed();
  }

  changed() {
    this.dirty = true;
    this.later(PAUSE);
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  body() {
    this.proposed = Math.max(this.proposed, this.base) + 1;
    this.mark.value = `${this.tab}:${this.proposed}`;
    return this.form({ fields: JSON.stringify(this.draft.fields), draft: this.mark.value, base: this.base });
  }

  form(values) {
    const token = act.elements.csrfmiddlewaretoken.value;
    return new URLSearchParams({ context: this.context, ...values, csrfmiddlewaretoken: token });
  }

  post(path, body) {
    return fetch(this.url + path, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
  }

  async send() {
    this.timer = 0;
    if (!this.dirty || !this.draft.owner) return;
    if (this.busy) return void this.busy.then(() => this.dirty && this.later(0));
    this.dirty = false;
    this.busy = this.saved().finally(() => (this.busy = null));
  }

  async saved() {
    const { turn, draft: { fields } } = this;
    let answer, told;
    try {
      answer = await this.post("save/", this.body());
      told = await answer.json().catch(() => ({}));
    } catch {
      return turn === this.turn && this.again();
    }
    if (turn !== this.turn) return;
    if (answer.status >= 500 || answer.status === 429) return this.again();
    this.tries = 0;
    if (answer.status === 409) return this.refused(told.theirs);
    if (!answer.ok) return; // signed out, or too much: the browser's own copy is what there is, and says so
    this.there = true;
    this.base = Math.max(this.base, told.sequence);
    if (this.dirty || !this.draft.owner) return;
    this.draft.keep(fields, { base: this.base, dirty: false });
    this.draft.say(word("draftKept"));
  }

  again() {
    this.dirty = true;
    if (this.tries < WAITS.length) this.later(WAITS[this.tries]);
    this.tries += 1;
  }

  /** The page goes, perhaps for good. */
  leave() {
    if (!this.dirty || !this.draft.owner || !navigator.onLine) return;
    if (navigator.sendBeacon?.(`${this.url}save/`, this.body())) this.dirty = false;
  }

  async discard() {
    clearTimeout(this.timer);
    this.dirty = false;
    this.turn += 1;
    if (this.busy) {
      await this.busy;
      this.there = true; // what was on its way has come
    }
    if (!this.there) return;
    this.there = false;
    try {
      const answer = await this.post("discard/", this.form({ owner: this.tab }));
      if (answer.ok) this.stand((await answer.json()).sequence);
    } catch {
      // without a line it stays on the server: the next page offers it again
    }
  }

  /** The form was sent: its draft went in the same transaction, at the next number. */
  sent() {
    clearTimeout(this.timer);
    this.turn += 1;
    this.dirty = this.there = false;
    if (this.mark.value) this.stand(this.proposed + 1);
  }

  stand(sequence) {
    this.base = sequence;
    this.proposed = Math.max(this.proposed, sequence);
  }

  /** What stands on the server; null when it cannot be asked or has nothing. */
  async ask() {
    try {
      const answer = await fetch(`${this.url}?${new URLSearchParams({ context: this.context })}`, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  /** Build on whatever stands there now: the writer has seen it and has chosen. */
  async catchUp() {
    const theirs = await this.ask();
    this.stand(theirs?.sequence ?? 0);
  }

  async heard({ kind, payload }) {
    if (kind !== "draft" || payload.context !== this.context || payload.sequence <= this.proposed) return;
    if (!this.draft.owner) return; // told already
    if (this.dirty || this.busy) return this.later(0); // refused, if it has to be
    const theirs = await this.ask();
    if (!theirs || theirs.sequence <= this.proposed || theirs.owner === this.tab) return;
    if (this.dirty || this.draft.timer) return; // typed meanwhile: the next save will tell
    this.follow(theirs);
  }

  /** Take over what another device wrote. */
  follow(theirs, { aloud = false } = {}) {
    const { draft } = this;
    this.stand(theirs.sequence);
    this.there = !theirs.gone;
    if (theirs.gone) {
      draft.put(draft.first);
      draft.forget();
    } else if (aloud) {
      draft.restore({ fields: theirs.fields });
    } else {
      draft.put(theirs.fields);
    }
    if (theirs.gone) return;
    draft.keep(draft.fields, { base: this.base, dirty: false });
    draft.say(word("draftKept"));
  }

  /** Another window was quicker. Nothing is kept here until the writer has chosen. */
  refused(theirs) {
    const { draft } = this;
    clearTimeout(this.timer);
    this.dirty = draft.owner = false;
    draft.say("");
    const here = [word("draftKeepHere"), () => draft.take()];
    if (!theirs || theirs.gone) return draft.note(word("draftSentElsewhere"), [here]);
    const take = () => {
      draft.owner = true;
      this.follow(theirs);
    };
    const text = [theirs.fields.title?.[0], theirs.fields.body?.[0]].filter(Boolean).join("\n");
    const other = text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
    draft.note(word("draftOtherDevice"), [here, [word("draftTakeTheirs"), take]], other);
  }
}
