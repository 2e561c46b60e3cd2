// The switch "Notify me in this browser". The browser is asked only when somebody presses it. What the server knows of
// this browser is compared by a digest, since its address is a secret that no page needs to show.

import { worker } from "./app.js";

const act = document.getElementById("act");

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

async function digest(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function tell(method, path, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": new FormData(act).get("csrfmiddlewaretoken") };
  const answer = await fetch(`/api/v1/push${path}`, { method, headers, body, credentials: "same-origin" });
  if (!answer.ok && answer.status !== 404) throw new Error(`push: ${answer.status}`);
}

/** Why this browser cannot, in one word; "" if it can. */
function obstacle() {
  if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
    return Notification.permission === "denied" ? "denied" : "";
  }
  const isApple = /iPhone|iPad/.test(navigator.userAgent) || (navigator.maxTouchPoints > 1 && /Mac/.test(navigator.userAgent));
  return isApple && !matchMedia("(display-mode: standalone)").matches ? "install" : "unsupported";
}

class Panel {
  static mended = false;

  constructor(panel) {
    this.panel = panel;
    this.switch = panel.querySelector("[data-push-switch]");
    this.switch.addEventListener("change", () => this.turn(this.switch.checked));
  }

  async begin() {
    const why = obstacle();
    if (why) return this.show(why);
    const registration = await worker();
    const here = await registration.pushManager.getSubscription();
    const isKnown = here && this.panel.dataset.known === (await digest(here.endpoint));
    // Switched on, but by an address that is not this browser's any more: said again, once, without a press.
    if (!isKnown && this.panel.dataset.device && Notification.permission === "granted" && !Panel.mended) {
      Panel.mended = true;
      await this.add();
      return this.again({ focus: false });
    }
    return this.show(isKnown && Notification.permission === "granted" ? "on" : "off");
  }

  async turn(on) {
    this.switch.disabled = true;
    try {
      await (on ? this.add() : this.remove());
      await this.again();
    } catch (error) {
      console.warn(error);
      this.show(Notification.permission === "denied" ? "denied" : "failed");
    }
  }

  async add() {
    if ((await Notification.requestPermission()) !== "granted") throw new Error("push: not allowed");
    const manager = (await worker()).pushManager;
    const here = await manager.getSubscription();
    const key = bytes(this.panel.dataset.key);
    // A subscription that was made for another key of ours is of no use.
    const theirs = here && new Uint8Array(here.options.applicationServerKey ?? []).join();
    if (here && theirs !== key.join()) await here.unsubscribe();
    const made = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    const { endpoint, keys } = made.toJSON();
    await tell("PUT", "", JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } }));
  }

  async remove() {
    const here = await (await worker()).pushManager.getSubscription();
    if (this.panel.dataset.device) await tell("DELETE", `/${this.panel.dataset.device}`);
    await here?.unsubscribe();
  }

  /** The panel as the server sees it now. */
  async again({ focus = true } = {}) {
    const answer = await fetch(window.location.href, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`push: ${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(this.panel.id);
    const node = document.importNode(fresh, true);
    this.panel.replaceWith(node);
    document.dispatchEvent(new CustomEvent("hiroba:added", { detail: { nodes: [node] } }));
    if (focus) node.querySelector("[data-push-switch]").focus();
  }

  show(state) {
    for (const says of this.panel.querySelectorAll("[data-push-when]")) says.hidden = says.dataset.pushWhen !== state;
    this.switch.checked = state === "on";
    this.switch.disabled = !["on", "off", "failed"].includes(state);
    this.panel.dataset.state = state;
  }
}

export function attach(root) {
  for (const node of root.matches?.("[data-push]") ? [root] : root.querySelectorAll("[data-push]")) {
    const panel = new Panel(node);
    panel.begin().catch((error) => {
      console.warn(error);
      panel.show("failed");
    });
  }
}
