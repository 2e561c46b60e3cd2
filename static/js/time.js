// Keeps "3 minutes ago" true while a page stays open. Older than a week: the server's date stays as it is.

import { counted, word } from "./words.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The words for an age in seconds, or null when a date should stand there. */
export function words(age) {
  if (age < MINUTE) return word("justNow");
  if (age < HOUR) return word("minutes", Math.floor(age / MINUTE));
  if (age < DAY) return counted("hour", "hours", Math.floor(age / HOUR));
  if (age < 7 * DAY) return counted("day", "days", Math.floor(age / DAY));
  return null;
}

export function refresh(root = document) {
  const now = Date.now();
  for (const node of root.querySelectorAll("time[data-relative]")) {
    const text = words((now - Date.parse(node.dateTime)) / 1000);
    if (text && node.textContent !== text) node.textContent = text;
  }
}

setInterval(() => document.visibilityState === "visible" && refresh(), 30_000);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
