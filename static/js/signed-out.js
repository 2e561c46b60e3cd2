// Signed out on another device, or by time: it is said once, with the way back to this very page. What was written
// stays in this browser (drafts.js) and is there again after signing in.

import { toast } from "./enhance.js";
import { word } from "./words.js";

let asked = null;
let shown = null;

/** Where to sign in, and come back. */
export function signInUrl() {
  return `${word("signInUrl")}?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`;
}

/** Whether an answer says that this needs a member. */
export const isSignInNeeded = (response, body) => response.status === 401 || body?.code === "sign_in_first";

/** Sockets are closed for other reasons, too (a new password): ask. Without an answer nobody is told anything. */
export function isSignedIn() {
  asked ??= fetch("/api/v1/notifications/unread", { credentials: "same-origin" })
    .then(
      ({ status }) => status !== 401 && status !== 403,
      () => true,
    )
    .finally(() => (asked = null));
  return asked;
}

export function tellSignedOut() {
  if (shown?.isConnected) return;
  shown = toast(word("signedOut"), { action: { label: word("signIn"), href: signInUrl() }, stay: 0 });
}
