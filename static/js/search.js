// While one types, the box offers titles and names. The form works without it, and nothing is asked while an input
// method is still at a word.

import { composing } from "./ime.js";

const PAUSE = 160;
const ready = new WeakSet();

class Box {
  constructor(form) {
    this.form = form;
    this.field = form.elements.q;
    this.rows = [];
    this.at = -1;
    this.turn = 0;
    this.busy = false; // an input method has the word
    this.list = Object.assign(document.createElement("ul"), { className: "suggestions", id: `${this.field.id}-offers`, hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", form.querySelector("label")?.textContent ?? "");
    form.append(this.list);
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(roles)) this.field.setAttribute(name, value);
    this.listen();
  }

  listen() {
    this.field.addEventListener("compositionstart", () => {
      this.busy = true;
      this.close();
    });
    this.field.addEventListener("compositionend", () => {
      this.busy = false;
      this.later();
    });
    this.field.addEventListener("input", (event) => event.isComposing || this.busy || this.later());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.close());
    this.form.addEventListener("submit", () => this.close());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the focus
      const row = event.target.closest("[role=option]");
      if (row) this.go([...this.list.children].indexOf(row));
    });
  }

  later() {
    clearTimeout(this.timer);
    const text = this.field.value.trim();
    if (!text) return this.close();
    this.timer = setTimeout(() => this.ask(text), PAUSE);
  }

  async ask(text) {
    const turn = (this.turn += 1);
    try {
      const answer = await fetch(`${this.form.dataset.search}?q=${encodeURIComponent(text)}`, { credentials: "same-origin" });
      const { rows } = answer.ok ? await answer.json() : { rows: [] };
      if (turn === this.turn && !this.busy && document.activeElement === this.field) this.show(rows);
    } catch {
      this.close(); // offline: the question can still be sent
    }
  }

  show(rows) {
    this.rows = rows;
    this.at = -1;
    this.list.replaceChildren(...rows.map((row, place) => this.option(row, place)));
    this.list.hidden = rows.length === 0;
    this.mark();
  }

  option({ title, label }, place) {
    const row = document.createElement("li");
    row.id = `${this.list.id}-${place}`;
    row.setAttribute("role", "option");
    const name = Object.assign(document.createElement("bdi"), { textContent: title });
    row.append(name, Object.assign(document.createElement("small"), { textContent: label }));
    return row;
  }

  mark() {
    [...this.list.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === this.at)));
    this.field.setAttribute("aria-expanded", String(!this.list.hidden));
    if (this.at < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
  }

  key(event) {
    if (this.list.hidden || composing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const places = this.rows.length + 1; // one of them is the field itself
      this.at = ((this.at + 1 + step + places) % places) - 1;
      this.mark();
    } else if (event.key === "Enter" && this.at >= 0) {
      this.go(this.at);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
  }

  go(place) {
    location.assign(this.rows[place].url);
  }

  close() {
    clearTimeout(this.timer);
    this.turn += 1;
    this.list.hidden = true;
    this.at = -1;
    this.mark();
  }
}

export function attach(root) {
  for (const form of root.querySelectorAll("form[data-search]")) {
    if (ready.has(form)) continue;
    ready.add(form);
    new Box(form);
  }
}
