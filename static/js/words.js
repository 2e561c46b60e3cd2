// The words that scripts show come from the page (components/words.html), in the page's language.

const store = document.getElementById("words")?.dataset ?? {};

/** The words for `name` ("draftSaved"), with {n} filled in. */
export function word(name, n) {
  const text = store[name] ?? "";
  return n === undefined ? text : text.replace("{n}", new Intl.NumberFormat(document.documentElement.lang).format(n));
}

/** Words for a number: `one` for exactly 1, `many` for all others (Japanese has the same words for both). */
export function counted(one, many, n) {
  return n === 1 ? word(one, n) : word(many, n);
}
