// Sends what an earlier tab of this member could not (later.js), and says so. One tab does it: whoever has the lock;
// where a browser knows no locks, the key sees to it that it is posted once. Where the form of the text is on the page,
// the form sends it; elsewhere it is sent from here, and a toast leads to it.

import { kept as draftOf, forget as forgetDraft, put as putDraft } from "./drafts.js";
import { toast } from "./enhance.js";
import { act, forget, read, waiting } from "./later.js";
import { resume, verdict } from "./send.js";
import { isSignInNeeded, tellSignedOut } from "./signed-out.js";
import { word } from "./words.js";

const WAITS = [2000, 5000, 10_000, 20_000, 40_000];
const LONGEST = 120_000; // a limit that asks for more is left to a later page

const value = ({ entries }, name) => entries.find(([one]) => one === name)?.[1] ?? "";

/** The form on this page, if it shows this very text: its writer has not gone on with it. */
function formOf(sent) {
  const form = document.querySelector(`form[data-send][data-draft-key="${CSS.escape(sent.context)}"]`);
  return form?.elements.body?.value === value(sent, "body") ? form : null;
}

async function settle(slot) {
  const sent = read(slot);
  if (!sent) return; // its own tab has sent it
  const form = formOf(sent);
  if (form && resume(form, sent)) return;
  const response = await answerTo(sent, slot);
  if (!response) return; // the next page tries again
  const body = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
  if (isSignInNeeded(response, body)) return tellSignedOut();
  if (body.code === "csrf") return; // signed in anew meanwhile, perhaps as somebody else
  forget(slot);
  if (verdict(response) !== "refused") return arrived(sent, body.url ?? response.url);
  await refused(sent, body.detail ?? body.title ?? word("failed"));
}

/** The final answer; null when there was none for long, or somebody else has it already. */
async function answerTo(sent, slot) {
  for (const wait of [0, ...WAITS]) {
    if (wait) await pause(wait);
    if (!read(slot)) return null;
    try {
      const response = await post(sent.address, sent.entries, { "Idempotency-Key": sent.key });
      const asked = Number(response.headers.get("Retry-After")) * 1000;
      if (response.status === 429 && asked < LONGEST) await pause(asked);
      else if (response.status === 429) return null;
      else if (verdict(response) !== "wait") return response;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  return null;
}

/** The time, or the line that comes back before. */
function pause(milliseconds) {
  return new Promise((done) => {
    setTimeout(done, milliseconds);
    addEventListener("online", done, { once: true });
  });
}

function post(address, entries, headers = {}) {
  const body = new FormData();
  for (const [name, text] of entries) body.append(name, text);
  body.set("csrfmiddlewaretoken", act().elements.csrfmiddlewaretoken.value);
  headers = { Accept: "application/json, text/html;q=0.5", ...headers };
  return fetch(address, { method: "POST", body, headers, credentials: "same-origin" });
}

function arrived(sent, url) {
  if (draftOf(sent.context)?.fields?.body?.[0] === value(sent, "body")) forgetDraft(sent.context);
  toast(word("sentLater"), { action: { label: word("showIt"), href: url }, stay: 20_000 });
}

/** The text stays a draft: here, and on the server, where the list of drafts shows it. */
async function refused(sent, why) {
  const fields = { title: [value(sent, "title")], body: [value(sent, "body")] };
  const draft = draftOf(sent.context) ?? putDraft(sent.context, { fields, dirty: true });
  const href = (await isOnServer(sent, draft)) ? sent.draftUrl : sent.page;
  toast(`${word("notSentLater")} ${why}`, { action: { label: word("toDraft"), href }, stay: 0 });
}

async function isOnServer(sent, draft) {
  const { context, draftUrl } = sent;
  if (!draft.dirty && draft.base > 0) return true;
  const base = draft.base ?? 0;
  const proposed = Number(value(sent, "draft").split(":")[1]) || 0; // by the tab that was closed
  const window = `${draft.tab}:${Math.max(base, proposed) + 1}`;
  const said = { context, fields: JSON.stringify(draft.fields), draft: window, base };
  try {
    const answer = await post(`${draftUrl}save/`, Object.entries(said));
    if (!answer.ok) return false;
    putDraft(context, { ...draft, base: (await answer.json()).sequence, dirty: false });
    return true;
  } catch {
    return false;
  }
}

/** One at a time, so that what was written first stands first. */
export async function attach() {
  const all = waiting().map((slot) => [read(slot)?.at ?? 0, slot]).sort(([one], [other]) => one - other);
  for (const [, slot] of all) {
    if (navigator.locks) await navigator.locks.request(slot, () => settle(slot));
    else await settle(slot);
  }
}
