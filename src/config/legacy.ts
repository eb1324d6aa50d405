/** What settings of other routers' files are called here, so that a pasted file is answered with more than "unknown key". */

const names: Readonly<Record<string, string>> = {
  router: "it is called `routes` here (default, background, think, longContext, webSearch, image)",
  longcontextthreshold: "it is called `routes.longContext.threshold` here",
  api_base_url: "it is called `baseUrl` here, and ends before /chat/completions or /v1/messages",
  base_url: "it is called `baseUrl` here",
  api_key: 'it is called `keys` here, a list: ["${VARIABLE}"]',
  apikey:
    'keys are called `keys` (of a provider) and `server.clientKeys` (of clients) here, lists: ["${VARIABLE}"]',
  key: 'it is called `keys` here, a list: ["${VARIABLE}"]',
  transformer: "there are no transformers here; choose a `preset` or a `dialect`, and `quirks`",
  transformers: "there are no transformers here; choose a `preset` or a `dialect`, and `quirks`",
  api_timeout_ms: "it is called `timeouts` of a provider here (connect, firstByte, idle, total)",
  log_level: "it is called `log.level` here",
  proxy_url: "it is called `proxy` of a provider here; without one HTTPS_PROXY in the environment counts",
  custom_router_path: "it is called `rulesScript` here",
  model_list: "models are not listed here; name them in `routes` as provider,model",
};

/** Only as capitals at the top: `host` and `port` in small letters are slips of `server.host` and `server.port`. */
const top: Readonly<Record<string, string>> = {
  Providers: "it is called `providers` here, a map by name: `openrouter: { preset: openrouter }`",
  HOST: "it is called `server.host` here",
  PORT: "it is called `server.port` here",
  LOG: "it is called `log.level` here",
  host: "it is called `server.host` here",
  port: "it is called `server.port` here",
  clientKeys: "it is called `server.clientKeys` here",
};

/** What an unknown key of another router's configuration is called here, or undefined. */
export const nameHere = (key: string, atTop: boolean): string | undefined =>
  (atTop ? own(top, key) : undefined) ?? own(names, key.toLowerCase());

/** `constructor` is a key like any other. */
const own = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
