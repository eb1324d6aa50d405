// Before anything else of the page, and before the first paint.
(() => {
  // The theme that was chosen here before, or the system's where none was.
  let chosen = null;
  try {
    chosen = localStorage.getItem("switchyard-theme");
  } catch {
    // A browser that keeps nothing: the system's it is.
  }
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;

  // Chromium drops what it is connecting for when the machine's addresses change (net::ERR_NETWORK_CHANGED), which is what a container that starts does.
  // A script or a style that was lost would leave the page blank for good.
  const key = "switchyard-loads";
  const most = 5;
  let lost = false;
  addEventListener(
    "error",
    ({ target }) => {
      const isPart = target instanceof HTMLScriptElement || target.rel === "stylesheet";
      if (!isPart || lost) return;
      lost = true;
      try {
        const loads = Number(sessionStorage.getItem(key)) + 1;
        if (loads > most) return;
        sessionStorage.setItem(key, loads);
        setTimeout(() => location.reload(), 200 * loads);
      } catch {
        // Nobody would count: the page says what to do.
      }
    },
    true,
  );
  addEventListener("load", () => {
    try {
      if (!lost) sessionStorage.removeItem(key);
    } catch {
      // It was never set.
    }
  });
})();
