// The choice of colours lives in a cookie, so that the server draws the next page in them from its first byte.

const PAPER = { light: "#f8f4ec", dark: "#191715" };
const YEAR = 365 * 24 * 60 * 60;

function remember(choice) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${choice}; Path=/; Max-Age=${choice === "auto" ? 0 : YEAR}; SameSite=Lax${secure}`;
}

function show(choice) {
  document.documentElement.dataset.theme = choice;
  document.querySelector('meta[name="color-scheme"]')?.setAttribute("content", choice === "auto" ? "light dark" : choice);
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
    const system = meta.media.includes("dark") ? "dark" : "light";
    meta.content = PAPER[choice === "auto" ? system : choice];
  }
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest?.("[data-theme-choice]")?.dataset.themeChoice;
  if (!choice) return;
  remember(choice);
  show(choice);
});

// Another tab has changed it: the cookie is read again when the page comes back into view.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  const choice = document.cookie.match(/(?:^|; )theme=(light|dark)/)?.[1] ?? "auto";
  if (choice !== document.documentElement.dataset.theme) show(choice);
});
