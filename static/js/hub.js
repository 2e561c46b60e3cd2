// A page that lists talk (front page, item page, one's feed): says quietly that there is more, and shows it when asked.
// Nothing that is being read moves until the button is pressed.
// A feed hears of everything new anywhere, and where it lies. Of what lies in a place that its reader follows it asks how
// much is new to them (data-ask): not all open feeds at once, not while nobody looks, and not again and again.
import { connect } from "../realtime/live.js";

const KINDS = new Set(["thread_opened", "reply", "post_created", "news"]);
const SPREAD = 2000; // milliseconds over which the questions of many readers are spread
const PAUSE = 15000; // between two questions of one page
const MOST = 20; // a page of the feed

function start(place) {
  const stream = place.dataset.hub;
  const bar = place.querySelector("[data-hub-bar]");
  const label = place.querySelector("[data-hub-label]");
  const button = place.querySelector("[data-hub-show]");
  let position = Number(place.dataset.position);

  let asking = 0;
  let asked = -PAUSE;

  function announce() {
    if (place.dataset.ask) return ask();
    if (bar.hidden) say(place.dataset.news);
  }

  function say(words) {
    if (label.textContent !== words) label.textContent = words;
    bar.hidden = false;
  }

  /** Whether news lie in a place that the reader follows; where the page or the event names none, they may. */
  function concerns({ places = [] }) {
    const mine = place.querySelector("[data-places]")?.dataset.places;
    if (!mine || !places.length) return true;
    const followed = new Set(mine.split(" "));
    return places.some((one) => followed.has(one));
  }

  function ask() {
    const wait = Math.max(Math.random() * SPREAD, asked + PAUSE - performance.now());
    asking ||= setTimeout(count, wait);
  }

  async function count() {
    if (document.hidden) return document.addEventListener("visibilitychange", count, { once: true });
    asking = 0;
    asked = performance.now();
    const shown = [...place.querySelectorAll("[data-entry]")].map((entry) => entry.dataset.entry);
    const { last } = place.querySelector("[data-last]").dataset;
    try {
      const query = new URLSearchParams({ shown: shown.join(","), last });
      const answer = await fetch(`${place.dataset.ask}?${query}`, { credentials: "same-origin" });
      if (!answer.ok) return;
      const { new: n } = await answer.json();
      if (!n) bar.hidden = true;
      else say(n === 1 ? place.dataset.newsOne : place.dataset.news.replace("{n}", n > MOST ? `${MOST}+` : n));
    } catch {
      // without a line there is nothing to say; what comes next asks again
    }
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
      if (KINDS.has(event.kind) && concerns(event.payload)) announce();
    },
    onReset: announce,
    onState: (state) => document.dispatchEvent(new CustomEvent("hiroba:live", { detail: { state } })),
  });
}

for (const place of document.querySelectorAll("[data-hub]")) start(place);
