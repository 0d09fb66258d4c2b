// Loaded in the head and not deferred: the chosen theme must stand before the first paint.
(() => {
  const KEY = "theme";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const system = () => (dark.matches ? "dark" : "light");

  const stored = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage is closed to this site; the system's theme stays
    }
  };

  const remember = (theme) => {
    try {
      // The system's own theme is the default again, so that it follows the system from then on.
      if (theme === system()) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // the choice lasts for this page only
    }
  };

  const chosen = stored();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-button]");
    if (!button) return;
    const show = () => {
      const now = root.dataset.theme || system();
      button.setAttribute("aria-label", now === "dark" ? button.dataset.toLight : button.dataset.toDark);
      button.dataset.now = now;
    };
    button.addEventListener("click", () => {
      root.dataset.theme = button.dataset.now === "dark" ? "light" : "dark";
      remember(root.dataset.theme);
      show();
    });
    dark.addEventListener("change", show);
    button.hidden = false;
    show();
  });
})();
