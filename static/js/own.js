// What concerns this member alone, told to every page they have open: one watch of `member.<id>` for all who listen.
// It carries numbers, never words: whoever hears of something asks for it. The bell says which stream it is, and the
// number that the page was made at, so that nothing falls between the page and its first socket.

import { connect } from "../realtime/live.js";

const listeners = new Set();
let watching = false;

/**
 * Call `listener({kind, payload})` for each event. Kind "reset" means that something was missed: the listener asks for
 * what it shows, and may answer (or promise) the number of the stream that its answer was made at.
 */
export function own(listener) {
  const bell = document.querySelector("[data-inbox]");
  if (!bell) return; // a visitor
  listeners.add(listener);
  if (watching) return;
  watching = true;
  const live = connect();
  live.mayReturn = async () => (await import("./signed-out.js")).isSignedIn();
  live.watch(bell.dataset.inbox, Number(bell.dataset.position), {
    onEvent: ({ kind, payload }) => void tell({ kind, payload }),
    onReset: async () => (await Promise.all(tell({ kind: "reset", payload: {} }))).find(Number.isInteger),
    // Nobody but this member is let in: who is put out is not this member any more.
    onRevoked: async () => {
      const { isSignedIn, tellSignedOut } = await import("./signed-out.js");
      if (!(await isSignedIn())) tellSignedOut();
    },
  });
}

function tell(event) {
  return [...listeners].map((listener) => {
    try {
      return listener(event);
    } catch (error) {
      console.error(error);
      return undefined;
    }
  });
}
