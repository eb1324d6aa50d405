// Before the first paint: the theme that was chosen here before, or the system's where none was.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("switchyard-theme");
  } catch {
    // A browser that keeps nothing: the system's it is.
  }
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
