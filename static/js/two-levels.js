// "Show more" under an answer puts the rest where it belongs instead of leading to a page of its own.

import { announce } from "./enhance.js";

async function more(link) {
  const section = link.closest("[data-answer]");
  const comments = section.querySelector("[data-comments]");
  link.setAttribute("aria-busy", "true");
  const answer = await fetch(link.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!answer.ok) return location.assign(link.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const there = page.querySelector(`[data-answer="${section.dataset.answer}"]`);
  if (!there) return location.assign(link.href);
  const nodes = [...there.querySelectorAll("[data-comments] > [data-number]")]
    .filter(({ id }) => !document.getElementById(id))
    .map((node) => document.importNode(node, true));
  comments.append(...nodes);
  const next = there.querySelector("[data-more-comments]");
  if (next) link.href = next.href;
  else {
    link.parentElement.remove();
    delete comments.dataset.more;
  }
  link.removeAttribute("aria-busy");
  if (!nodes.length) return;
  announce(...nodes);
  nodes[0].focus({ preventScroll: true }); // where reading goes on; the button may be gone
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-more-comments]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (!link.hasAttribute("aria-busy")) more(link).catch(() => location.assign(link.href));
});
