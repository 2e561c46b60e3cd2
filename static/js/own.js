// What concerns this member alone, told to every page they have open: one watch of `member.<id>` for all who listen.
// It carries numbers, never words: whoever hears of something asks for it.

import { connect } from "../realtime/live.js";

const member = document.getElementById("act")?.dataset.member;
const listeners = new Set();

/** Call `listener({kind, payload})` for each event; kind "reset" means that something was missed. */
export function own(listener) {
  if (!member) return;
  if (!listeners.size) {
    connect().watch(`member.${member}`, null, { onEvent: tell, onReset: () => tell({ kind: "reset", payload: {} }) });
  }
  listeners.add(listener);
}

function tell({ kind, payload }) {
  for (const listener of listeners) {
    try {
      listener({ kind, payload });
    } catch (error) {
      console.error(error);
    }
  }
}
