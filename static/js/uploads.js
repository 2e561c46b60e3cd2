// Pictures go up while one still writes: a closed tab then keeps them (their numbers are in the draft), and sending
// is quick. What could not be uploaded stays in the file input and goes with the form, as without this script.

import { Pictures } from "./pictures.js";
import { word } from "./words.js";

export class Uploads extends Pictures {
  constructor(editor, box) {
    super(editor, box);
    this.done = []; // {id, url, alt}
    this.under = 0;
    this.list.classList.add("is-live");
    this.memory = box.querySelector('[name="picture_list"]'); // a hidden field that drafts keep like any other
    this.memory.addEventListener("input", (event) => event.isTrusted || this.recall());
    this.input.form.addEventListener("submit", (event) => this.wait(event), true);
    this.input.form.addEventListener("hiroba:sent", () => this.memory.value = "");
    this.input.form.addEventListener("reset", () => this.empty());
    if (this.memory.value) this.recall();
  }

  get kept() {
    return this.list.querySelectorAll('input[name="remove_picture"]:not(:checked)').length + this.done.length;
  }

  take(files) {
    const before = new Set(this.chosen);
    super.take(files);
    const fresh = this.chosen.filter((picture) => !before.has(picture));
    fresh.forEach((picture, at) => (picture.order = Date.now() + at)); // a small one is up first, and yet not shown first
    fresh.forEach((picture) => this.send(picture));
  }

  send(picture) {
    const request = new XMLHttpRequest(); // fetch cannot tell how far an upload is
    const data = new FormData();
    data.set("picture", picture.file);
    data.set("csrfmiddlewaretoken", this.input.form.elements.csrfmiddlewaretoken.value);
    request.open("POST", this.box.dataset.uploadUrl);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => this.progress(picture, loaded / (total || 1)));
    request.addEventListener("loadend", () => this.answered(picture, request));
    this.under += 1;
    this.progress(picture, 0);
    request.send(data);
  }

  progress(picture, part) {
    picture.part = part;
    const bar = this.rowOf(picture)?.querySelector("progress");
    if (bar) bar.value = part;
  }

  answered(picture, { status, response }) {
    this.under -= 1;
    picture.part = undefined;
    if (status === 201) {
      const { alt, order, file } = picture;
      this.done.push({ id: response.id, url: response.thumb_url, alt, order, name: file.name });
      this.done.sort((one, other) => (one.order ?? 0) - (other.order ?? 0));
      this.chosen = this.chosen.filter((other) => other !== picture);
    } else if (status >= 400 && status < 500 && status !== 429) {
      this.chosen = this.chosen.filter((other) => other !== picture);
      this.say(`${picture.file.name}: ${response?.detail ?? word("failed")}`);
    }
    this.draw();
    if (!this.under) this.go?.();
  }

  /** A form sent while a picture is on its way waits for it. */
  wait(event) {
    if (!this.under) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    this.go = () => {
      this.go = undefined;
      this.input.form.requestSubmit(submitter);
    };
  }

  recall() {
    try {
      this.done = JSON.parse(this.memory.value || "[]");
    } catch {
      this.done = [];
    }
    this.draw({ quiet: true });
  }

  empty() {
    this.done = [];
    this.memory.value = "";
    this.draw({ quiet: true });
  }

  draw({ quiet = false } = {}) {
    if (!this.done) return super.draw(); // called by the parent's constructor
    super.draw();
    for (const old of this.list.querySelectorAll("[data-uploaded]")) old.remove();
    const first = this.list.querySelector("[data-chosen]");
    for (const picture of this.done) this.list.insertBefore(this.uploadedRow(picture), first);
    if (!quiet) this.remember();
  }

  remember() {
    this.memory.value = this.done.length ? JSON.stringify(this.done) : "";
    this.input.dispatchEvent(new Event("input", { bubbles: true })); // the draft looks again
  }

  row(picture) {
    const row = super.row(picture);
    picture.row = row;
    if (picture.part === undefined) return row;
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: picture.part });
    bar.setAttribute("aria-label", picture.file.name);
    row.append(bar);
    return row;
  }

  rowOf(picture) {
    return picture.row?.isConnected ? picture.row : null;
  }

  uploadedRow(picture) {
    const row = Object.assign(document.createElement("li"), { className: "editor-picture" });
    row.dataset.uploaded = "";
    const image = Object.assign(document.createElement("img"), { src: picture.url, alt: "", width: 136, height: 102 });
    const kept = Object.assign(document.createElement("input"), { type: "hidden", name: "kept_picture", value: picture.id });
    const label = Object.assign(document.createElement("label"), { className: "small" });
    const alt = Object.assign(document.createElement("input"), { name: `alt_${picture.id}`, value: picture.alt, maxLength: 200 });
    alt.addEventListener("input", () => {
      picture.alt = alt.value;
      this.memory.value = JSON.stringify(this.done);
    });
    label.append(word("alt"), alt);
    const away = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    away.setAttribute("aria-label", `${word("removePicture")}: ${picture.alt || picture.name || ""}`);
    away.addEventListener("click", () => {
      this.done = this.done.filter((other) => other !== picture);
      this.draw();
      this.input.focus();
    });
    row.append(image, kept, label, away);
    return row;
  }
}
