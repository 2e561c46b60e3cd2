// Pictures chosen for a post: dropped, pasted or picked, listed with their descriptions, at most so many.

import { word } from "./words.js";

export class Pictures {
  constructor(editor, box) {
    this.box = box;
    this.input = box.querySelector('input[type="file"]');
    this.list = box.querySelector("[data-picture-list]");
    this.most = Number(box.dataset.most);
    this.chosen = []; // {file, alt}
    this.input.addEventListener("change", () => this.take([...this.input.files], { fresh: true }));
    for (const kind of ["dragenter", "dragover"]) {
      editor.addEventListener(kind, (event) => this.over(event, editor));
    }
    for (const kind of ["dragleave", "drop"]) {
      editor.addEventListener(kind, () => editor.classList.remove("is-dropping"));
    }
    editor.addEventListener("drop", (event) => this.drop(event));
    editor.addEventListener("paste", (event) => this.paste(event));
    this.input.form.addEventListener("reset", () => ((this.chosen = []), this.draw()));
  }

  /** How many pictures the post has already. */
  get kept() {
    return this.list.querySelectorAll('input[name="remove_picture"]:not(:checked)').length;
  }

  over(event, editor) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    editor.classList.add("is-dropping");
  }

  drop(event) {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    this.take([...event.dataTransfer.files]);
  }

  paste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.take(files);
  }

  /** Add files to the chosen ones. A file input forgets its files at each choice; here they add up. */
  take(files) {
    const room = this.most - this.kept - this.chosen.length;
    const pictures = files.filter((file) => file.type.startsWith("image/"));
    this.chosen.push(...pictures.slice(0, Math.max(0, room)).map((file) => ({ file, alt: "" })));
    this.draw();
    if (pictures.length > room) this.say(word("tooMany", this.most));
  }

  say(text) {
    import("./enhance.js").then(({ toast }) => toast(text));
  }

  draw() {
    const transfer = new DataTransfer();
    for (const { file } of this.chosen) transfer.items.add(file);
    this.input.files = transfer.files;
    for (const old of this.list.querySelectorAll("[data-chosen]")) {
      URL.revokeObjectURL(old.querySelector("img").src);
      old.remove();
    }
    this.list.append(...this.chosen.map((picture) => this.row(picture)));
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  row(picture) {
    const row = Object.assign(document.createElement("li"), { className: "editor-picture" });
    row.dataset.chosen = "";
    const image = Object.assign(document.createElement("img"), { src: URL.createObjectURL(picture.file), alt: "", width: 136, height: 102 });
    const label = Object.assign(document.createElement("label"), { className: "small" });
    const alt = Object.assign(document.createElement("input"), { name: this.box.dataset.altName, value: picture.alt, maxLength: 200 });
    alt.addEventListener("input", () => (picture.alt = alt.value));
    label.append(word("alt"), alt);
    const away = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    away.setAttribute("aria-label", `${word("removePicture")}: ${picture.file.name}`);
    away.addEventListener("click", () => {
      this.chosen = this.chosen.filter((other) => other !== picture);
      this.draw();
      this.input.focus();
    });
    row.append(image, label, away);
    return row;
  }
}
