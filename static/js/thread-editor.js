// Pages with nothing but an editor (a new thread, an edit, a reply): cards and mentions while one writes.

import "./thread-cards.js";
import "./thread-mentions.js";

// Somebody else changed the post meanwhile: the plain form leads to the page that shows both versions.
document.addEventListener("hiroba:refused", (event) => {
  if (event.detail?.code !== "edited_meanwhile") return;
  event.preventDefault();
  event.target.submit();
});

// The text of a settled conflict replaces the draft that led to it.
document.addEventListener("hiroba:sent", ({ target: { dataset } }) => {
  if (!dataset.draftAlso) return;
  localStorage.removeItem(`hiroba:draft:${dataset.draftAlso}`);
  const token = document.getElementById("act").elements.csrfmiddlewaretoken.value;
  navigator.sendBeacon?.(dataset.draftDiscardUrl, new URLSearchParams({ context: dataset.draftAlso, csrfmiddlewaretoken: token }));
});
