// Who reads answers with what was said under them does so on the next page as well. A member's choice comes with the page
// (on this script's own element, since the page itself lies ready for many) and goes to the server, so it holds on all
// their devices; a visitor's is remembered in this browser. Stands in the head and is no module: nothing is drawn twice.
{
  const SLOT = "hiroba:view";
  const { keepAt, view: members } = document.currentScript.dataset;
  const isMember = keepAt !== undefined;
  const kept = (storage) => {
    try {
      return window[storage].getItem(SLOT);
    } catch {
      return null; // storage is closed: the address alone decides
    }
  };
  const keep = (storage, view) => {
    try {
      if (view) window[storage].setItem(SLOT, view);
      else window[storage].removeItem(SLOT);
    } catch {
      // then it is not remembered
    }
  };
  // The next page may overtake the message: what was pressed in this tab holds as long as the server says what it said.
  const [before, pressed] = (isMember && kept("sessionStorage")?.split(">")) || [];
  if (pressed && before !== members) keep("sessionStorage", "");
  const chosen = (before === members && pressed) || members || kept("localStorage");
  const { searchParams: asked, hash } = new URL(location.href);
  const at = /^#p(\d+)$/.exec(hash)?.[1] ?? asked.get("at");
  if (chosen === "two" && !asked.has("view") && (at || !asked.has("page"))) {
    location.replace(`?view=two${at > 1 ? `&at=${at}` : ""}${hash}`);
  }
  document.addEventListener("click", ({ target }) => {
    const view = target.closest?.("a[data-view]")?.dataset.view;
    if (!view) return;
    keep("localStorage", view);
    if (!isMember) return;
    keep("sessionStorage", `${members}>${view}`);
    const body = new FormData(document.getElementById("act"));
    body.set("view", view);
    const headers = { Accept: "application/json" };
    fetch(keepAt, { method: "POST", body, headers, keepalive: true, credentials: "same-origin" }).catch(() => undefined);
  });
}
