// A pasted link to an item shows its card under the text while one writes, as it will stand under the post.

const LINK = /(?:https?:\/\/[^\s<>()]+)?\/items\/[1-9][0-9]*(?:\/[^\s<>()]*)?/g;
const PAUSE = 600;

class Cards {
  constructor(editor) {
    this.editor = editor;
    this.area = editor.querySelector("textarea");
    this.shown = "";
    this.timer = 0;
    this.box = Object.assign(document.createElement("div"), { className: "post-cards" });
    this.box.setAttribute("role", "status");
    editor.append(this.box);
    this.area.addEventListener("input", () => this.later());
    this.area.form.addEventListener("reset", () => this.later()); // sent: the cards went with the words
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  async look() {
    const links = [...new Set(this.area.value.match(LINK) ?? [])].slice(0, 5).map((link) => new URL(link, location.href).href);
    const wanted = links.join("\n\n");
    if (wanted === this.shown) return;
    this.shown = wanted;
    if (!wanted) return this.box.replaceChildren();
    const data = new FormData();
    data.set("body", wanted);
    data.set("csrfmiddlewaretoken", this.area.form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(this.editor.dataset.previewUrl, { method: "POST", body: data, credentials: "same-origin" });
      if (!answer.ok || wanted !== this.shown) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const cards = page.querySelector(".post-cards");
      this.box.replaceChildren(...(cards ? [...cards.children].map((card) => document.importNode(card, true)) : []));
    } catch {
      this.shown = ""; // offline: looked up again with the next key
    }
  }
}

for (const editor of document.querySelectorAll("[data-editor][data-preview-url]")) new Cards(editor);
