// Whom a reply answers, and what it quotes. The links lead to a page that does the same without a script.

import { word } from "./words.js";

const words = document.getElementById("thread-words")?.dataset ?? {};
const form = () => document.getElementById("reply-form");

/** What is known of a post on this page. */
function about(node) {
  return { id: node.dataset.post, number: node.dataset.number, name: node.querySelector(".member-name")?.textContent.trim() ?? "" };
}

function answer({ id, number, name }) {
  const field = form().elements.reply_to;
  field.value = id;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  show({ number, name });
}

function show({ number, name }) {
  const chip = form().querySelector("[data-reply-chip]");
  chip.hidden = false;
  chip.querySelector("[data-reply-name]").textContent = name;
  chip.querySelector("[data-reply-number]").textContent = number;
  const link = chip.querySelector("[data-reply-link]");
  link.href = `#p${number}`;
  link.dataset.goto = number;
}

function nobody() {
  const field = form().elements.reply_to;
  if (field.value) {
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  form().querySelector("[data-reply-chip]").hidden = true;
}

/** A draft that came back may know whom it answers: say so again. */
async function follow(id) {
  if (!id) return nobody();
  const here = document.querySelector(`[data-post="${CSS.escape(id)}"]`);
  if (here) return show(about(here));
  const response = await fetch(`/posts/${encodeURIComponent(id)}/fragment/`, { credentials: "same-origin" });
  if (!response.ok) return nobody();
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  show(about(page.querySelector("[data-post]")));
}

/** Put a quotation where the caret is, on lines of its own. */
function quote(text) {
  const area = form().elements.body;
  const lines = text.trim().split(/\n/).map((line) => (line ? `> ${line}` : ">"));
  const before = area.value.slice(0, area.selectionStart).replace(/\n+$/, "");
  area.focus();
  area.setSelectionRange(before.length, area.selectionStart);
  const block = `${before ? "\n\n" : ""}${lines.join("\n")}\n\n`;
  if (!document.execCommand?.("insertText", false, block)) area.setRangeText(block, before.length, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** The words selected inside the text of one post, if any. */
function selectedIn() {
  const selection = getSelection();
  if (!selection || selection.isCollapsed) return null;
  const from = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(".post .prose");
  const prose = from(selection.anchorNode);
  if (!prose || prose !== from(selection.focusNode)) return null;
  return { post: prose.closest(".post"), text: selection.toString(), range: selection.getRangeAt(0) };
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-reply-to], [data-quote]");
  const post = link?.closest("[data-post]");
  if (!post || !form()) return;
  event.preventDefault();
  const chosen = selectedIn();
  answer(about(post));
  if (link.dataset.quote !== undefined) quote(chosen?.post === post ? chosen.text : post.querySelector(".prose").innerText);
  link.closest("details")?.removeAttribute("open");
  form().elements.body.focus();
  form().scrollIntoView({ block: "center" });
});

document.addEventListener("click", (event) => event.target.closest?.("[data-reply-cancel]") && (nobody(), form().elements.body.focus()));

document.addEventListener("hiroba:sent", (event) => {
  if (event.target !== form()) return;
  // a hidden field is not reset with its form
  form().elements.reply_to.value = "";
  form().querySelector("[data-reply-chip]").hidden = true;
});

// -- a button beside selected words

const button = Object.assign(document.createElement("button"), { type: "button", className: "button button-s quote-button", hidden: true });
button.textContent = words.quote ?? word("quote");
document.body.append(button);

function place() {
  const chosen = form() && selectedIn();
  button.hidden = !chosen || !chosen.text.trim();
  if (button.hidden) return;
  const box = chosen.range.getBoundingClientRect();
  button.style.top = `${scrollY + box.bottom + 8}px`;
  button.style.left = `${Math.max(8, Math.min(scrollX + box.left, innerWidth - button.offsetWidth - 8))}px`;
}

let soon = 0;
document.addEventListener("selectionchange", () => {
  clearTimeout(soon);
  soon = setTimeout(place, 150);
});
button.addEventListener("pointerdown", (event) => event.preventDefault()); // or the selection would be gone
button.addEventListener("click", () => {
  const chosen = selectedIn();
  if (!chosen) return;
  answer(about(chosen.post));
  quote(chosen.text);
  getSelection().removeAllRanges();
  button.hidden = true;
  form().scrollIntoView({ block: "center" });
});

// -- drafts fill the hidden field; so does the server after a refusal

const field = form()?.elements.reply_to;
field?.addEventListener("input", (event) => event.isTrusted || follow(field.value));
if (field?.value) follow(field.value);
