/** The frame of the page: who is signed in, which view is shown, keyboard and theme. Views are loaded when they are opened. */
import { again } from "./again.js";
import { call, get, useCsrf } from "./api.js";
import { Notices } from "./notices.js";
import { DefaultProfile } from "./profiles.js";
import { Dialog, Failure, Fragment, html, render, useEffect, useRef, useState } from "./ui.js";

const views = [
  { id: "live", title: "Live", key: "1", load: () => import("./live.js") },
  { id: "usage", title: "Usage", key: "2", load: () => import("./usage.js") },
  { id: "providers", title: "Providers", key: "3", load: () => import("./providers.js") },
  { id: "routes", title: "Routes", key: "4", load: () => import("./routes.js") },
  { id: "keys", title: "Keys & budgets", key: "5", load: () => import("./keys.js") },
  { id: "config", title: "Configuration", key: "6", load: () => import("./config.js") },
  { id: "logs", title: "Logs", key: "7", load: () => import("./logs.js") },
  { id: "turns", title: "Turn", load: () => import("./turn.js") },
];

const shortcuts = [
  ["1 – 7", "open a view"],
  ["/", "filter, where the view has a filter"],
  ["j  k", "next, previous row of a list"],
  ["Enter", "open the row"],
  ["p", "hold the live view, and go on"],
  ["t", "dark, light, as the system"],
  ["Ctrl+Enter", "ask (routes)"],
  ["Ctrl+S", "look through and save (configuration)"],
  ["?", "this help"],
  ["Esc", "close"],
];

/** `#/turns/req_1` -> ["turns", "req_1"] */
const placeOf = () => {
  const [view = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  return { view: views.some(({ id }) => id === view) ? view : "live", rest: decoded(rest.join("/")) };
};

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    // An address that somebody typed.
    return text;
  }
};

const themes = { system: "dark", dark: "light", light: "system" };
const themeWords = { system: "As the system", dark: "Dark", light: "Light" };

const useTheme = () => {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? "system");
  const next = () => {
    const chosen = themes[theme];
    if (chosen === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    try {
      localStorage.setItem("switchyard-theme", chosen);
    } catch {
      // It holds for this page then.
    }
    setTheme(chosen);
    dispatchEvent(new Event("theme"));
  };
  useEffect(() => {
    // Another tab has chosen.
    const onStorage = ({ key, newValue }) => {
      if (key !== "switchyard-theme" || !(newValue in themes)) return;
      if (newValue === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = newValue;
      setTheme(newValue);
      dispatchEvent(new Event("theme"));
    };
    addEventListener("storage", onStorage);
    return () => removeEventListener("storage", onStorage);
  }, []);
  return { theme, next };
};

const isTyping = ({ target }) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Moves along the rows of the list that is shown. @param step 1 or -1 */
const moveRow = (step) => {
  const rows = [...document.querySelectorAll("main .row-link")];
  if (rows.length === 0) return;
  const at = rows.indexOf(document.activeElement);
  const next =
    at === -1 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
};

const useKeyboard = (actions) => {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const onKey = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (document.querySelector("dialog[open]") !== null) return;
      const view = views.find(({ key }) => key === event.key);
      if (view !== undefined) location.hash = `#/${view.id}`;
      else if (event.key === "?") latest.current.help();
      else if (event.key === "t") latest.current.theme();
      else if (event.key === "j") moveRow(1);
      else if (event.key === "k") moveRow(-1);
      else if (event.key === "/") document.querySelector("main [data-filter]")?.focus();
      else if (event.key === "p") document.querySelector("main [data-hold]")?.click();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
};

/** The view of the place; while it is loaded, the one before stays. */
const View = ({ place }) => {
  const [shown, setShown] = useState(undefined);
  const heading = useRef(null);
  const moved = useRef(false);
  /** What the view that is shown was opened with: while the next one is loaded, the place is not its own any more. */
  const rest = useRef("");
  useEffect(() => {
    let current = true;
    const { load } = views.find(({ id }) => id === place.view);
    again(load).then(
      (module) => current && setShown({ Component: module.default, view: place.view }),
      (error) => current && setShown({ error, view: place.view }),
    );
    return () => (current = false);
  }, [place.view]);
  useEffect(() => {
    if (shown === undefined) return;
    document.title = `${views.find(({ id }) => id === shown.view).title} · Switchyard`;
    if (moved.current) heading.current?.focus();
    moved.current = true;
  }, [shown?.view]);
  if (shown === undefined) return null;
  const title = views.find(({ id }) => id === shown.view).title;
  if (shown.view === place.view) rest.current = place.rest;
  return html`<${Fragment}>
    <h1 ref=${heading} tabindex="-1">${title}</h1>
    ${shown.error ? html`<${Failure} error=${shown.error} again=${() => location.reload()} />` : html`<${shown.Component} rest=${rest.current} />`}
  <//>`;
};

const Login = ({ onDone, tokenMade, ended }) => {
  const [token, setToken] = useState("");
  const [error, setError] = useState(undefined);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const { csrf } = await call("POST", "/api/login", { token: token.trim() });
      onDone(csrf);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return html`<main class="login" id="main">
    <form onSubmit=${submit}>
      <h1>Switchyard</h1>
      ${ended && html`<p role="status">The session has ended. What was written here is kept: sign in to go on.</p>`}
      <label class="field">
        <span>Administrator's token</span>
        <input
          type="password"
          autocomplete="current-password"
          autofocus
          required
          value=${token}
          onInput=${(event) => setToken(event.target.value)}
        />
        <small
          >${tokenMade === false ? "There is none yet. Make one with " : "Lost? Make another with "}
          <code>switchyard admin token</code>, on the machine that runs the router. It is told once.</small
        >
      </label>
      <button class="main" disabled=${busy}>Sign in</button>
      <${Failure} error=${error} />
    </form>
  </main>`;
};

const Help = ({ onClose }) =>
  html`<${Dialog} title="Keyboard" onClose=${onClose}>
    <dl class="keys">
      ${shortcuts.map(
        ([keys, what]) =>
          html`<div>
            <dt><kbd>${keys}</kbd></dt>
            <dd>${what}</dd>
          </div>`,
      )}
    </dl>
  <//>`;

const Frame = ({ onSignOut, place, failure }) => {
  const [help, setHelp] = useState(false);
  const { theme, next } = useTheme();
  useKeyboard({ help: () => setHelp(true), theme: next });
  const nav = useRef(null);
  useEffect(() => {
    // On a narrow window the views are a row that scrolls.
    const current = nav.current.querySelector("[aria-current]");
    if (current !== null)
      nav.current.scrollLeft = current.offsetLeft - nav.current.clientWidth / 2 + current.offsetWidth / 2;
  }, [place.view]);
  return html`<${Fragment}>
    <a
      class="skip"
      href="#main"
      onClick=${(event) => {
        event.preventDefault();
        document.querySelector("#main h1")?.focus();
      }}
      >To the content</a
    >
    <header class="top">
      <a class="brand" href="#/live"><span class="mark" aria-hidden="true"></span>Switchyard</a>
      <nav aria-label="Views" ref=${nav}>
        ${views
          .filter(({ key }) => key !== undefined)
          .map(
            ({ id, title, key }) =>
              html`<a
                href=${`#/${id}`}
                aria-current=${place.view === id || (id === "live" && place.view === "turns") ? "page" : undefined}
                aria-keyshortcuts=${key}
                >${title}</a
              >`,
          )}
      </nav>
      <div class="tools">
        <${DefaultProfile} />
        <button
          type="button"
          class="plain"
          onClick=${next}
          aria-label=${`Theme: ${themeWords[theme]}. Change it`}
          title=${themeWords[theme]}
        >
          <span class=${`theme-mark ${theme}`} aria-hidden="true"></span>
        </button>
        <button type="button" class="plain" aria-label="Keyboard shortcuts" onClick=${() => setHelp(true)}>
          ?
        </button>
        <button type="button" class="plain" onClick=${onSignOut}>Sign out</button>
      </div>
    </header>
    <main id="main">
      <${Failure} error=${failure} />
      <${Notices} />
      <${View} place=${place} />
    </main>
    ${help && html`<${Help} onClose=${() => setHelp(false)} />`}
  <//>`;
};

const App = () => {
  const [session, setSession] = useState({ state: "asking" });
  const [place, setPlace] = useState(placeOf());
  useEffect(() => {
    const onHash = () => setPlace(placeOf());
    const onOut = () => setSession({ state: "out", ended: true });
    addEventListener("hashchange", onHash);
    addEventListener("signed-out", onOut);
    get("/api/session").then(
      ({ signedIn, csrf, tokenMade }) => (signedIn ? begin(csrf) : setSession({ state: "out", tokenMade })),
      (error) => setSession({ state: "failed", error }),
    );
    return () => {
      removeEventListener("hashchange", onHash);
      removeEventListener("signed-out", onOut);
    };
  }, []);
  const begin = (csrf) => {
    useCsrf(csrf ?? "");
    setSession({ state: "in" });
  };
  const [failure, setFailure] = useState(undefined);
  const end = async () => {
    try {
      await call("POST", "/api/logout", {});
    } catch (error) {
      // Whoever believes to be signed out must be.
      if (error.status !== 401) {
        setFailure(error);
        return;
      }
    }
    setFailure(undefined);
    setSession({ state: "out" });
  };
  if (session.state === "asking") return null;
  if (session.state === "failed")
    return html`<main class="login" id="main">
      <h1>Switchyard</h1>
      <${Failure} error=${session.error} again=${() => location.reload()} />
    </main>`;
  if (session.state === "out")
    return html`<${Login} onDone=${begin} tokenMade=${session.tokenMade} ended=${session.ended} />`;
  return html`<${Frame} onSignOut=${end} place=${place} failure=${failure} />`;
};

// What will be shown is fetched while the router is asked who is there.
// Where that fails, the view asks for it again and says why it cannot be shown.
views
  .find(({ id }) => id === placeOf().view)
  .load()
  .catch(() => undefined);

const root = document.getElementById("app");
root.textContent = "";
render(html`<${App} />`, root);
