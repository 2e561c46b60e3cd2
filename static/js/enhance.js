// Small comforts every page has: menus, dialogs, copied links, the live lamp, the focus after a refusal.

import { word, counted } from "./words.js";

export function enhance(root) {
  const errors = root.querySelector("[data-form-errors] .notice");
  if (errors && root === document) errors.parentElement.focus();
  for (const here of root.querySelectorAll("nav ul > li > [aria-current]")) {
    intoSight(here.closest("ul"), here);
    intoSight(here.closest("nav"), here);
  }
}

/** In a strip that scrolls sideways, what is chosen stands in the middle; the page itself never moves. */
function intoSight(strip, chosen) {
  if (strip.scrollWidth <= strip.clientWidth) return;
  const middle = (strip.clientWidth - chosen.offsetWidth) / 2;
  strip.scrollLeft += chosen.getBoundingClientRect().left - strip.getBoundingClientRect().left - middle;
}

/** A line that appears for a while at the foot of the window. `action` is {label, run} or {label, href}. Returns the node. */
export function toast(text, { action, stay = 7000 } = {}) {
  const box = document.getElementById("toasts");
  const node = document.createElement("div");
  node.className = "toast";
  const line = document.createElement("span");
  line.textContent = text;
  node.append(line);
  if (action?.href) node.append(Object.assign(document.createElement("a"), { className: "toast-action", href: action.href, textContent: action.label }));
  else if (action) node.append(button("toast-action", action.label, () => (node.remove(), action.run())));
  const close = button("toast-close", "×", () => node.remove());
  close.setAttribute("aria-label", word("close"));
  node.append(close);
  box?.append(node);
  if (stay) setTimeout(() => node.matches(":hover, :focus-within") || node.remove(), stay);
  return node;
}

function button(name, label, run) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = name;
  node.textContent = label;
  node.addEventListener("click", run);
  return node;
}

/** Nodes from the server's own fragment. Scripts inside never run: the page's policy forbids them. */
export function nodesOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}

/** Tell the page that these nodes are new, so that everything in them gets wired; they stand in one parent. */
export function announce(...nodes) {
  const place = nodes.length === 1 ? nodes[0] : nodes[0]?.parentNode;
  place?.dispatchEvent(new CustomEvent("hiroba:added", { bubbles: true, detail: { nodes } }));
}

// One menu open at a time; Escape and a press elsewhere close it and give the focus back.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const items = [...menu.querySelectorAll(".menu-item")].filter((item) => item.offsetParent);
    const at = items.indexOf(document.activeElement);
    const step = event.key === "ArrowDown" ? 1 : -1;
    items[(at + step + items.length) % items.length]?.focus();
    event.preventDefault();
  }
});

// Dialogs: the opener is a link to a page that does the same, so that without a script nothing is missing.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog-open]");
  const dialog = opener && document.getElementById(opener.dataset.dialogOpen);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest?.("[data-dialog-close]") || event.target.matches?.("dialog.dialog")) {
    event.target.closest("dialog").close(); // a press on the dark ground lands on the dialog itself
  }
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-copy-link]");
  if (!link || !navigator.clipboard) return;
  event.preventDefault();
  await navigator.clipboard.writeText(link.href);
  link.closest("details")?.removeAttribute("open");
  toast(word("copied"));
});

document.addEventListener("click", (event) => event.target.closest?.("[data-print]") && print());

// Paper says when it was printed.
addEventListener("beforeprint", () => {
  const today = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(new Date());
  for (const place of document.querySelectorAll("[data-printed]")) place.textContent = today;
});

document.addEventListener("hiroba:live", ({ detail: { state } }) => {
  for (const lamp of document.querySelectorAll("[data-live-state]")) {
    const name = `word${state[0].toUpperCase()}${state.slice(1)}`;
    lamp.hidden = !(name in lamp.dataset);
    lamp.dataset.state = state;
    lamp.querySelector("[data-live-word]").textContent = lamp.dataset[name] ?? "";
  }
});

document.addEventListener("hiroba:presence", ({ detail: { stream, count } }) => {
  for (const node of document.querySelectorAll(`[data-presence="${CSS.escape(stream)}"]`)) {
    node.hidden = count < 1;
    node.querySelector("[data-presence-words]").textContent = counted("viewer", "viewers", count);
  }
});
