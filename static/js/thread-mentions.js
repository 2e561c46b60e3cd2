// "@" and the first letters of a name offer members. The keys that choose are left to the input method while it works.

import { composing } from "./ime.js";

const words = document.getElementById("thread-words")?.dataset ?? {};
const BEGUN = /(?:^|[^A-Za-z0-9_@./])@([\p{L}\p{N}_ー]{1,30})$/u;
const PAUSE = 180;

class Mentions {
  constructor(area) {
    this.area = area;
    this.rows = [];
    this.at = 0;
    this.asked = 0;
    this.box = Object.assign(document.createElement("ul"), { className: "mentions", hidden: true, id: `${area.id}-mentions` });
    this.box.setAttribute("role", "listbox");
    this.box.setAttribute("aria-label", words.mentions ?? "");
    area.after(this.box);
    for (const [name, value] of [["aria-autocomplete", "list"], ["aria-controls", this.box.id]]) area.setAttribute(name, value);
    area.addEventListener("input", () => this.later());
    area.addEventListener("keydown", (event) => this.key(event));
    area.addEventListener("blur", () => this.close());
    this.box.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the text area keeps the focus
      const row = event.target.closest("[role=option]");
      if (row) this.choose([...this.box.children].indexOf(row));
    });
  }

  begun() {
    return BEGUN.exec(this.area.value.slice(0, this.area.selectionStart))?.[1] ?? null;
  }

  later() {
    clearTimeout(this.timer);
    const name = this.begun();
    if (!name) return this.close();
    this.timer = setTimeout(() => this.ask(name), PAUSE);
  }

  async ask(name) {
    const turn = (this.asked += 1);
    try {
      const answer = await fetch(`/api/v1/members?q=${encodeURIComponent(name)}`, { credentials: "same-origin" });
      const rows = answer.ok ? await answer.json() : [];
      if (turn === this.asked && this.begun() === name) this.show(rows.slice(0, 6));
    } catch {
      this.close(); // offline: the name can be typed whole
    }
  }

  show(rows) {
    this.rows = rows;
    this.at = 0;
    this.box.replaceChildren(...rows.map((row, place) => this.option(row, place)));
    this.box.hidden = rows.length === 0;
    this.mark();
  }

  option({ handle, display_name: name, picture }, place) {
    const row = document.createElement("li");
    row.id = `${this.box.id}-${place}`;
    row.setAttribute("role", "option");
    if (picture) row.append(Object.assign(document.createElement("img"), { src: picture, alt: "", width: 24, height: 24 }));
    const shown = document.createElement("bdi");
    shown.textContent = name;
    const small = Object.assign(document.createElement("span"), { className: "muted small", textContent: `@${handle}` });
    row.append(shown, small);
    return row;
  }

  mark() {
    [...this.box.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === this.at)));
    if (this.box.hidden) this.area.removeAttribute("aria-activedescendant");
    else this.area.setAttribute("aria-activedescendant", `${this.box.id}-${this.at}`);
  }

  key(event) {
    if (this.box.hidden || composing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.at = (this.at + step + this.rows.length) % this.rows.length;
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") this.choose(this.at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    this.mark();
  }

  choose(place) {
    const name = this.begun();
    const row = this.rows[place];
    if (name === null || !row) return this.close();
    const end = this.area.selectionStart;
    this.area.setSelectionRange(end - name.length, end);
    const text = `${row.handle} `;
    if (!document.execCommand?.("insertText", false, text)) this.area.setRangeText(text, end - name.length, end, "end");
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
    this.close();
  }

  close() {
    clearTimeout(this.timer);
    this.asked += 1;
    this.box.hidden = true;
    this.mark();
  }
}

for (const editor of document.querySelectorAll("[data-editor][data-mentions]")) new Mentions(editor.querySelector("textarea"));
