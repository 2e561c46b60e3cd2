// Who reads answers with what was said under them does so on the next page as well: remembered in this browser, since
// pages of visitors are the same bytes for everybody. Stands in the head and is no module: nothing is drawn twice.
{
  const SLOT = "hiroba:view";
  const kept = () => {
    try {
      return localStorage.getItem(SLOT);
    } catch {
      return null; // storage is closed: the address alone decides
    }
  };
  const { searchParams: asked, hash } = new URL(location.href);
  const at = /^#p(\d+)$/.exec(hash)?.[1] ?? asked.get("at");
  if (kept() === "two" && !asked.has("view") && (at || !asked.has("page"))) {
    location.replace(`?view=two${at > 1 ? `&at=${at}` : ""}${hash}`);
  }
  document.addEventListener("click", ({ target }) => {
    const view = target.closest?.("a[data-view]")?.dataset.view;
    if (!view) return;
    try {
      localStorage.setItem(SLOT, view);
    } catch {
      // then it is not remembered
    }
  });
}
