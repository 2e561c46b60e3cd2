// The one script of every page. It wires what each page needs and loads the larger parts only where they are used.
// New nodes (a live reply, a swapped fragment) announce themselves with "hiroba:added" and are wired the same way.

import "./ime.js";
import { enhance as basics } from "./enhance.js";
import { attach as keys } from "./keys.js";
import { refresh } from "./time.js";

const member = document.getElementById("act")?.dataset.member;
const PARTS = [
  // drafts before send: a draft must be in the fields before anything can be sent
  ["form[data-draft-key]", () => import("./drafts.js")],
  ["form[data-send], button[data-send-button]", () => import("./send.js")],
  ["[data-editor]", () => import("./editor.js")],
  ["[data-share]", () => import("./share.js")],
  ["[data-gallery]", () => import("./gallery.js")],
  ["form[data-search]", () => import("./search.js")],
  ["[data-posts]", () => import("./newposts.js")],
  ["[data-inbox], [data-level]", () => import("./inbox.js")],
  ["[data-bookmark], [data-bookmarks]", () => import("./bookmarks.js")],
  ["[data-read]", () => import("./reading.js")],
  ["main a[href^='/members/']", () => import("./card.js")],
  ["[data-inbox]", () => import("./app.js")],
  ["[data-push]", () => import("./push.js")],
  ...(member ? [[".thread-row[data-thread], [data-item-news]", () => import("./news.js")]] : []),
];

async function enhance(...roots) {
  for (const root of roots) {
    basics(root);
    keys(root);
    refresh(root);
  }
  for (const [selector, load] of PARTS) {
    const wanting = roots.filter((root) => root.matches?.(selector) || root.querySelector(selector));
    if (!wanting.length) continue;
    try {
      const { attach } = await load();
      wanting.forEach((root) => attach(root));
    } catch (error) {
      console.error(error); // a part that could not be fetched takes no other part with it
    }
  }
}

document.addEventListener("hiroba:added", ({ target, detail }) => enhance(...(detail?.nodes ?? [target])));
await enhance(document);
try {
  // What an earlier tab could not send (later.js). Few have such a thing, and nobody else fetches the script.
  if (Object.keys(localStorage).some((slot) => slot.startsWith("hiroba:later:"))) {
    import("./sent-later.js").then(({ attach }) => attach()).catch(console.error);
  }
} catch {
  // a browser without a store has kept nothing
}
if (matchMedia("(display-mode: standalone)").matches) import("./app.js").then(({ attach }) => attach(), console.error);
document.documentElement.dataset.ready = "true";
