// The choice of colours lives in a cookie of this browser. Pages of visitors are the same bytes for everybody and know
// nothing of it, so this stands in the head and is no module: it has run before anything is drawn, and nothing flashes.
{
  const PAPER = { light: "#f8f4ec", dark: "#191715" };
  const YEAR = 365 * 24 * 60 * 60;
  const root = document.documentElement;

  const kept = () => document.cookie.match(/(?:^|; )theme=(light|dark)/)?.[1] ?? "auto";

  const remember = (choice) => {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${choice}; Path=/; Max-Age=${choice === "auto" ? 0 : YEAR}; SameSite=Lax${secure}`;
  };

  const show = (choice) => {
    root.dataset.theme = choice;
    document.querySelector('meta[name="color-scheme"]')?.setAttribute("content", choice === "auto" ? "light dark" : choice);
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
      const system = meta.media.includes("dark") ? "dark" : "light";
      meta.content = PAPER[choice === "auto" ? system : choice];
    }
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  };

  show(kept());
  document.addEventListener("DOMContentLoaded", () => show(kept())); // the buttons

  document.addEventListener("click", (event) => {
    const choice = event.target.closest?.("[data-theme-choice]")?.dataset.themeChoice;
    if (!choice) return;
    remember(choice);
    show(choice);
  });

  // Another tab has changed it: the cookie is read again when the page comes back into view.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && kept() !== root.dataset.theme) show(kept());
  });
}
