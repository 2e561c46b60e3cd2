// Comforts of the text area: tools that write Markdown, a preview made by the server, pictures, a count of signs.
// Without this script the area is a plain text area and a file input, and everything can still be posted.

import { Pictures } from "./pictures.js";
import { word } from "./words.js";

const ready = new WeakSet();

/** Put `before` and `after` around the selection; `sample` stands there when nothing is selected. */
function wrap(area, before, after, sample) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const chosen = value.slice(from, to) || sample;
  insert(area, `${before}${chosen}${after}`);
  area.setSelectionRange(from + before.length, from + before.length + chosen.length);
}

/** Begin every selected line with `mark`, or take it away when all have it. */
function prefix(area, mark) {
  const { selectionStart, selectionEnd, value } = area;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const end = value.indexOf("\n", selectionEnd);
  const to = end === -1 ? value.length : end;
  const lines = value.slice(from, to).split("\n");
  const off = lines.every((line) => line.startsWith(mark));
  area.setSelectionRange(from, to);
  insert(area, lines.map((line) => (off ? line.slice(mark.length) : mark + line)).join("\n"));
}

/** Write over the selection in a way that Ctrl+Z can take back. */
function insert(area, text) {
  area.focus();
  if (!document.execCommand?.("insertText", false, text)) area.setRangeText(text);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

const TOOLS = {
  bold: (area) => wrap(area, "**", "**", word("boldSample")),
  list: (area) => prefix(area, "- "),
  quote: (area) => prefix(area, "> "),
  link: (area) => wrap(area, "[", "](https://)", word("linkSample")),
};

/** Signs as people count them: one kanji, one emoji, one each. */
export function signs(text) {
  if (!Intl.Segmenter) return [...text].length;
  return [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].length;
}

function countSigns(editor, area) {
  const shown = editor.querySelector("[data-count]");
  if (!shown) return;
  const limit = Number(editor.dataset.limit);
  const update = () => {
    const left = limit - [...area.value].length; // the server counts code points
    shown.textContent = left < 0 ? word("over", -left) : word("left", left);
    shown.hidden = left > limit * 0.2;
    shown.classList.toggle("is-over", left < 0);
  };
  area.addEventListener("input", update);
  update();
}

function preview(editor, area) {
  const tabs = [...editor.querySelectorAll("[data-mode]")];
  if (!tabs.length) return;
  const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
  const choose = (at) => {
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === at));
      tab.tabIndex = i === at ? 0 : -1;
      panels[i].hidden = i !== at;
    });
    if (tabs[at].dataset.mode === "look") load(editor, area, panels[at]);
  };
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => choose(i));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      choose(1 - i);
      tabs[1 - i].focus();
    });
  });
}

async function load(editor, area, panel) {
  if (!area.value.trim()) {
    panel.textContent = word("emptyPreview");
    return;
  }
  panel.setAttribute("aria-busy", "true");
  try {
    const data = new FormData();
    data.set("body", area.value);
    data.set("csrfmiddlewaretoken", area.form.elements.csrfmiddlewaretoken?.value ?? "");
    const response = await fetch(editor.dataset.previewUrl, { method: "POST", body: data, credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    panel.innerHTML = await response.text(); // our own renderer's output, and the policy lets no script run
  } catch {
    panel.textContent = word("noPreview");
  } finally {
    panel.removeAttribute("aria-busy");
  }
}

export function attach(root) {
  for (const editor of root.querySelectorAll("[data-editor]")) {
    if (ready.has(editor)) continue;
    ready.add(editor);
    const area = editor.querySelector("textarea");
    for (const tool of editor.querySelectorAll("[data-tool]")) {
      tool.addEventListener("click", () => TOOLS[tool.dataset.tool]?.(area));
    }
    countSigns(editor, area);
    preview(editor, area);
    const box = editor.querySelector("[data-pictures]");
    if (!box) continue;
    if (box.dataset.uploadUrl) import("./uploads.js").then(({ Uploads }) => new Uploads(editor, box));
    else new Pictures(editor, box);
    editor.querySelector('[data-tool="picture"]')?.addEventListener("click", () => box.querySelector('input[type="file"]').click());
  }
}
