// What this member saved for later. A page lies ready and is the same for many members, so which buttons are pressed is
// asked for here, for all of the page at once, and kept right while other devices of the same member save and let go.
// A button that is not pressed saves at once; a pressed one opens the note and the reminder.

import { nodesOf, toast } from "./enhance.js";
import { own } from "./own.js";
import { word } from "./words.js";

const MARKS = "/bookmarks/marks/";
const AT_ONCE = 150; // of one question
const PAUSE = 300; // posts that come together are asked for together
const marks = new Map(); // "post:7" → whether it is saved; what is not in it was never asked for
const waiting = new Set();
let timer = 0;

const buttons = (mark) => document.querySelectorAll(`[data-bookmark="${CSS.escape(mark)}"]`);
const act = () => document.getElementById("act");

function show(button, saved) {
  button.setAttribute("aria-pressed", String(Boolean(saved)));
}

function put(mark, saved) {
  marks.set(mark, saved);
  for (const button of buttons(mark)) show(button, saved);
}

async function ask(wanted) {
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const some = wanted.slice(at, at + AT_ONCE);
    try {
      const answer = await fetch(`${MARKS}?of=${some.join(",")}`, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) return;
      const { marks: found } = await answer.json();
      for (const mark of some) put(mark, mark in found);
    } catch {
      return; // without a line the buttons are as they are for everybody
    }
  }
}

export function attach(root) {
  const found = [...root.querySelectorAll("[data-bookmark]")];
  if (root.matches?.("[data-bookmark]")) found.push(root);
  for (const button of found) {
    const mark = button.dataset.bookmark;
    if (marks.has(mark)) show(button, marks.get(mark));
    else waiting.add(mark);
  }
  if (!waiting.size) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    const wanted = [...waiting];
    waiting.clear();
    ask(wanted);
  }, marks.size ? PAUSE : 0);
}

// -- pressing

async function post(url, fields) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  body.set("csrfmiddlewaretoken", act().elements.csrfmiddlewaretoken.value);
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(told.detail || word("failed")), { status: answer.status });
  return told;
}

async function press(button) {
  const { bookmark: mark } = button.dataset;
  const url = button.formAction;
  if (marks.get(mark)) return open(url, mark, button);
  try {
    await post(url, { do: "keep" });
  } catch (error) {
    return toast(error.message);
  }
  put(mark, true);
  toast(word("saved"), { action: { label: word("savedMore"), run: () => open(url, mark, button) } });
}

async function remove(url, mark) {
  await post(url, { do: "remove" });
  put(mark, false);
  const undo = async () => {
    await post(url, { do: "undo" });
    put(mark, true);
  };
  toast(word("unsaved"), { action: { label: word("undo"), run: () => undo().catch((error) => toast(error.message)) } });
}

// -- note and reminder, in a dialog; the page behind the same address does without a script what this does

async function open(url, mark, opener) {
  let form, about;
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    form = page.getElementById("bookmark-form");
    about = page.querySelector("[data-bookmark-of]")?.textContent.trim();
  } catch {
    // no network
  }
  if (!form) return window.location.assign(url);
  const [node] = nodesOf(form.outerHTML);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog bookmark-dialog";
  dialog.setAttribute("aria-labelledby", "bookmark-dialog-title");
  const title = Object.assign(document.createElement("h2"), { className: "dialog-title", id: "bookmark-dialog-title", textContent: word("savedMore") });
  const subject = Object.assign(document.createElement("p"), { className: "bookmark-about", textContent: about });
  node.classList.remove("panel");
  const close = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: word("close") });
  close.dataset.dialogClose = "";
  node.querySelector(".form-actions").append(close);
  dialog.append(title, subject, node);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    opener?.focus();
  });
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    send(dialog, node, url, mark, event.submitter);
  });
  dialog.showModal();
}

async function send(dialog, form, url, mark, submitter) {
  submitter.disabled = true;
  try {
    if (submitter.value === "remove") {
      await remove(url, mark);
    } else {
      const data = new FormData(form);
      data.set("do", "change");
      await post(url, data);
      put(mark, true);
      toast(word("saved"));
    }
    dialog.close();
  } catch (error) {
    const place = form.querySelector("[data-bookmark-error]");
    const line = Object.assign(document.createElement("p"), { className: "notice notice-danger", textContent: error.message });
    place.replaceChildren(line);
  } finally {
    submitter.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-bookmark]");
  if (!button || !act()) return;
  event.preventDefault();
  press(button);
});

// An own moment is chosen by giving one.
document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("[data-bookmark-own]") || !target.value) return;
  target.form.querySelector('input[name="remind"][value="own"]').checked = true;
});

own(({ kind, payload }) => {
  if (kind === "bookmark") {
    put(`${payload.kind}:${payload.id}`, payload.saved);
    const news = document.querySelector("[data-bookmarks-news]");
    if (news) news.hidden = false;
  } else if (kind === "reset") {
    ask([...marks.keys()]);
  }
});

addEventListener("pageshow", (event) => event.persisted && ask([...marks.keys()]));
