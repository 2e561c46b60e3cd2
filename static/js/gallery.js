// Pictures in large: a native dialog, arrow keys, a swipe. Without it the links lead to the pictures themselves.

import { word } from "./words.js";

const ready = new WeakSet();
let box;

function build() {
  box = document.createElement("dialog");
  box.className = "lightbox";
  const image = document.createElement("img");
  const text = document.createElement("p");
  const count = document.createElement("span");
  const bar = Object.assign(document.createElement("div"), { className: "lightbox-bar" });
  const foot = Object.assign(document.createElement("div"), { className: "lightbox-foot" });
  const back = tool("‹", word("previous"), () => step(-1));
  const next = tool("›", word("next"), () => step(1));
  bar.append(count, tool("×", word("close"), () => box.close()));
  foot.append(back, text, next);
  box.append(bar, image, foot);
  box.parts = { image, text, count, back, next };
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  swipe(image);
  document.body.append(box);
}

function tool(sign, label, run) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "tool", textContent: sign });
  button.setAttribute("aria-label", label);
  button.addEventListener("click", run);
  return button;
}

function swipe(image) {
  let from = null;
  image.addEventListener("pointerdown", (event) => (from = event.clientX));
  image.addEventListener("pointerup", (event) => {
    if (from !== null && Math.abs(event.clientX - from) > 50) step(event.clientX < from ? 1 : -1);
    from = null;
  });
}

function step(by) {
  show((box.at + by + box.links.length) % box.links.length);
}

function show(at) {
  const { image, text, count, back, next } = box.parts;
  const link = box.links[at];
  box.at = at;
  image.src = link.href;
  image.alt = link.querySelector("img").alt;
  text.textContent = link.dataset.alt ?? "";
  count.textContent = box.links.length > 1 ? `${at + 1} / ${box.links.length}` : "";
  back.hidden = next.hidden = box.links.length < 2;
  box.setAttribute("aria-label", image.alt);
}

export function attach(root) {
  for (const gallery of root.querySelectorAll("[data-gallery]")) {
    if (ready.has(gallery)) continue;
    ready.add(gallery);
    gallery.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (!box) build();
      box.links = [...gallery.querySelectorAll("a")];
      show(box.links.indexOf(link));
      box.showModal();
    });
  }
}
