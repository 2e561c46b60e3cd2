// The service worker, served as /sw.js with `SITE` in front of it: {cache, offline, files, icon, badge}. It keeps one small
// page for when there is no network, with the files that this page needs, and nothing else: a page of a member is
// never stored (S34). It shows notices that arrive while the site is closed, and says when this browser gets another address.

/* global SITE */

const OURS = "hiroba-";
const WAITING = "/api/v1/notifications/waiting";
const PUSH = "/api/v1/push";
const MOST = 100; // ids that may be asked for at once
const kept = new Set(SITE.files.map((path) => new URL(path, self.location.origin).href));

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(begin()));

async function keep() {
  const cache = await caches.open(SITE.cache);
  // Asked for without cookies: it is the page that anybody gets.
  await cache.addAll(SITE.files.map((path) => new Request(path, { cache: "reload", credentials: "omit" })));
  await self.skipWaiting();
}

async function begin() {
  const names = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== SITE.cache);
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable(); // the page is asked for while this script wakes up
  await self.clients.claim();
}

// --- Without a network ----------------------------------------------------------------------------------------------

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    const visited = visit(event);
    event.respondWith(visited);
    event.waitUntil(visited.then(() => tidy(), () => undefined)); // opening a page may have been reading a notice
  } else if (kept.has(request.url)) {
    event.respondWith(fetch(request).catch(() => found(request.url)));
  }
});

async function visit(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch (error) {
    const page = await found(SITE.offline);
    if (page.type === "error") throw error;
    const headers = new Headers({ "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" });
    headers.set("Content-Security-Policy", page.headers.get("Content-Security-Policy") ?? "default-src 'self'");
    return new Response(page.body, { status: 503, headers });
  }
}

async function found(url) {
  return (await (await caches.open(SITE.cache)).match(url)) ?? Response.error();
}

// --- Notices --------------------------------------------------------------------------------------------------------

self.addEventListener("push", (event) => {
  if (event.data) event.waitUntil(show(event.data.json()));
});

async function show({ title, text, url, tag, ids, lang }) {
  const { icon, badge } = SITE;
  // A message that comes twice takes its own place, without another sound.
  await self.registration.showNotification(title, { body: text, tag, lang, icon, badge, data: { url, ids } });
  await tidy(tag);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url ?? "/notifications/"));
});

async function open(path) {
  const url = new URL(path, self.location.origin);
  if (url.origin !== self.location.origin) return undefined;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => one.url === url.href);
  return there ? there.focus() : self.clients.openWindow(url.href);
}

self.addEventListener("message", (event) => {
  if (event.data === "tidy") event.waitUntil(tidy());
  if (event.data === "push") event.waitUntil(sayAgain());
});

// --- Another address ------------------------------------------------------------------------------------------------

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(sayAgain(event.newSubscription)));

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

async function digest(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The browser has another address than the one that the server knows it by, or none any more: it is told, in the place of
 * the old one. A browser that the server does not know was switched off, here or elsewhere, or has signed out: it stays so.
 */
async function sayAgain(fresh) {
  if (Notification.permission !== "granted") return;
  const answer = await fetch(PUSH, { credentials: "same-origin" }).catch(() => undefined);
  if (!answer?.ok) return;
  const { known, key, token } = await answer.json();
  if (!known) return;
  const { pushManager } = self.registration;
  const here = fresh ?? (await pushManager.getSubscription());
  const made = here ?? (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }));
  const { endpoint, keys } = made.toJSON();
  if (known === (await digest(endpoint))) return;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const body = JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } });
  await fetch(PUSH, { method: "PUT", headers, body, credentials: "same-origin" });
}

/** Take away what has been read meanwhile, on whatever device; all of it where nobody is signed in any more. */
async function tidy(except) {
  const shown = (await self.registration.getNotifications()).filter((one) => one.tag !== except && one.data?.ids);
  const ids = shown.flatMap((one) => one.data.ids).slice(0, MOST);
  if (!ids.length) return;
  const query = new URLSearchParams(ids.map((id) => ["ids", id]));
  const answer = await fetch(`${WAITING}?${query}`, { credentials: "same-origin" }).catch(() => undefined);
  if (!answer || (!answer.ok && answer.status !== 401)) return;
  const waiting = new Set(answer.ok ? (await answer.json()).ids : []);
  for (const one of shown) {
    if (!one.data.ids.some((id) => waiting.has(id))) one.close();
  }
}
