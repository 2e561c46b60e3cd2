// Recovery codes are shown once: copied, saved and printed from what the page shows, without asking the server again.

import { toast } from "./enhance.js";

const list = document.querySelector("[data-codes]");
const { name, owner, day, title, hint, copied, marked } = list.dataset;
const codes = () => [...list.querySelectorAll("code")].map((code) => code.textContent.trim());

function mark() {
  const range = document.createRange();
  range.selectNodeContents(list);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

document.querySelector("[data-codes-copy]")?.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(codes().join("\n"));
    toast(copied);
  } catch {
    mark(); // no right to the clipboard
    toast(marked);
  }
});

document.querySelector("[data-codes-save]")?.addEventListener("click", () => {
  const text = [`${name} ${owner}`, `${title} (${day})`, "", ...codes(), "", hint, ""].join("\r\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = `${name}-${owner.slice(1)}-recovery-codes.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000); // some browsers read it after the press
});
