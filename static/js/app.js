// The service worker (sw.js): it shows notices while the site is closed and a friendly page without a network. Members'
// pages put it in place; for visitors there is nothing that it could do. An installed app has it in any case (main.js).

import { own } from "./own.js";

const CHECKED = "hiroba:push-checked";

let started = false;

/** The worker's registration, once it can be spoken to; undefined in a browser that has none. */
export async function worker() {
  if (!("serviceWorker" in navigator)) return undefined;
  await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
  return navigator.serviceWorker.ready;
}

/** Once for each tab: a browser may have got another address while nothing of ours was awake to hear of it. */
function checkPush(registration) {
  if (!("Notification" in window) || Notification.permission !== "granted" || sessionStorage.getItem(CHECKED)) return;
  sessionStorage.setItem(CHECKED, "yes");
  registration.active?.postMessage("push");
}

function start() {
  if (started || !("serviceWorker" in navigator)) return;
  started = true;
  worker().then(checkPush).catch((error) => console.warn(error)); // a private window, or storage that is full: the site works without
  // Something was read or has come, here or elsewhere: what is on the screen and has been read can go.
  own(({ kind }) => {
    if (kind === "inbox" || kind === "reset") navigator.serviceWorker.controller?.postMessage("tidy");
  });
}

export function attach() {
  start();
}
