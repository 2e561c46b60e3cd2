// A page that lists talk (front page, item page): says quietly that there is more, and shows it when asked.
// Nothing that is being read moves until the button is pressed.
import { connect } from "../realtime/live.js";

const KINDS = new Set(["thread_opened", "reply", "post_created"]);

function start(place) {
  const stream = place.dataset.hub;
  const bar = place.querySelector("[data-hub-bar]");
  const label = place.querySelector("[data-hub-label]");
  const button = place.querySelector("[data-hub-show]");
  let position = Number(place.dataset.position);

  function announce() {
    if (!bar.hidden) return;
    label.textContent = place.dataset.news;
    bar.hidden = false;
  }

  async function refresh() {
    button.disabled = true;
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of place.querySelectorAll("[data-hub-part]")) swap(part, page.getElementById(part.id));
      bar.hidden = true;
    } catch {
      window.location.reload();
    } finally {
      button.disabled = false;
    }
  }

  function swap(part, fresh) {
    if (!fresh) return;
    const node = document.importNode(fresh, true);
    part.replaceWith(node);
    node.dispatchEvent(new CustomEvent("hiroba:added", { bubbles: true }));
  }

  button.addEventListener("click", refresh);
  const live = connect();
  live.watch(stream, position, {
    onEvent(event) {
      position = event.seq;
      if (KINDS.has(event.kind)) announce();
    },
    onReset: announce,
    onState: (state) => document.dispatchEvent(new CustomEvent("hiroba:live", { detail: { state } })),
  });
}

for (const place of document.querySelectorAll("[data-hub]")) start(place);
