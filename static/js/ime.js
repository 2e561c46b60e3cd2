// Enter that confirms a kanji conversion must never send anything, in any input of any page.
//
// Three browsers, three habits: most mark the key with `isComposing`; older engines give keyCode 229 instead; and
// Safari ends the composition *before* it reports the key that ended it, so that key looks like a plain Enter.
// For Safari we remember that a composition has just ended, until the next key is released.

const SAFARI_GAP = 60; // milliseconds between Safari's compositionend and the keydown it belongs to; measured 0–20

export class Composition {
  constructor(clock = () => performance.now()) {
    this.clock = clock;
    this.active = false;
    this.endedAt = -Infinity;
  }

  start() {
    this.active = true;
  }

  end() {
    this.active = false;
    this.endedAt = this.clock();
  }

  release() {
    this.endedAt = -Infinity;
  }

  /** Does this key belong to the writing of a word, not to the page? */
  owns(event) {
    if (event.isComposing || event.keyCode === 229 || this.active) return true;
    return event.key === "Enter" && this.clock() - this.endedAt < SAFARI_GAP;
  }
}

const composition = new Composition();

/** For other scripts that listen to keys: true while the key belongs to an input method. */
export const composing = (event) => composition.owns(event);

document.addEventListener("compositionstart", () => composition.start(), true);
document.addEventListener("compositionend", () => composition.end(), true);
document.addEventListener("keyup", () => composition.release(), true);

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Enter") return;
    const field = event.target.closest?.("input, textarea");
    if (!field) return;
    if (composition.owns(event)) {
      // The input method still receives its key: only our listeners and the form's own submit are stopped.
      event.stopImmediatePropagation();
      if (field.tagName === "INPUT" && !event.isComposing) event.preventDefault();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && field.form?.hasAttribute("data-send")) {
      event.preventDefault();
      field.form.requestSubmit();
    }
  },
  true,
);
