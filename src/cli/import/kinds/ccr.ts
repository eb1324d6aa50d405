/**
 * claude-code-router (musistudio), `~/.claude-code-router/config.json` of 1.x and 2.x; what is 3.x's own is in ccr-third.ts. Read from its source at 1.0.73 and 2.0.0:
 * packages/core/src/utils/router.ts (the order of rules, which is ours as well), docs/docs/server/config/{providers,routing}.md.
 */
import { existsSync } from "node:fs";
import type { RouteName } from "../../../config/types.ts";
import type { Draft } from "../draft.ts";
import { proxyUrl } from "../secret-values.ts";
import { filesWith, type Importer } from "../importer.ts";
import type { Part } from "../report.ts";
import { interpolated, isHttpProxy, noSocks, rowOf, variableNameOf } from "../texts.ts";
import { readProvider, type TargetOf, targetsBy } from "./ccr-providers.ts";
import { isThird, openThird, readThird, tellApplication, thirdIn } from "./ccr-third.ts";

const routeNames: Readonly<Record<string, RouteName>> = {
  default: "default",
  background: "background",
  think: "think",
  longContext: "longContext",
  webSearch: "webSearch",
  image: "image",
};

/** Its own default (router.ts). */
const usualThreshold = 60_000;

const levels: Readonly<Record<string, string>> = {
  fatal: "error",
  error: "error",
  warn: "warn",
  info: "info",
  debug: "debug",
  trace: "trace",
  silent: "silent",
};

const isRoute = (part: Part): boolean =>
  part.entries().some(([name]) => rowOf(routeNames, name) !== undefined);

export const ccr: Importer = {
  kind: "ccr",
  title: "claude-code-router",
  where: "~/.claude-code-router: config.json of 1.x and 2.x; config.sqlite or an export of 3.x",
  detect: (files) => {
    // 3.x reads its database alone; a config.json beside it is what it has moved in from.
    const third = files.filter(({ part }) => thirdIn(part) !== undefined);
    if (third.length > 0) return third;
    const providers = filesWith(files, "Providers", (part) => part.tree.kind === "list");
    return providers.length > 0 ? providers : filesWith(files, "Router", isRoute);
  },
  read: (files, draft) => {
    for (const { part } of files) readConfig(openThird(part) ?? part, draft);
  },
};

const readConfig = (top: Part, draft: Draft): void => {
  const names = new Map<string, string>();
  const providers = top.at("Providers") ?? top.at("providers");
  for (const part of providers?.children() ?? []) readProvider(part, names, draft);
  if (isThird(top)) readThird(top, names, draft);
  else {
    readRouter(top.at("Router"), targetsBy(",", names), draft);
    readFallback(top.at("fallback"), targetsBy(",", names), draft);
  }
  readServer(top, draft);
  readGlobals(top, draft);
  if (isThird(top)) tellApplication(top);
};

const noTarget = "it is no provider of this file with a model behind the comma";

/** Of every request, whatever its route. */
const everyTurn =
  "a call that fails for a moment is tried again (failures.tries); the tag of a subagent counts wherever it stands in the system prompt or the first two messages";

const readRouter = (router: Part | undefined, targetOf: TargetOf, draft: Draft): void => {
  for (const [name, part] of router?.entries() ?? []) {
    const route = rowOf(routeNames, name);
    if (route === undefined) continue;
    if (part.text === undefined) {
      part.dropped("it is empty");
      continue;
    }
    const target = targetOf(part.text);
    if (target === undefined && route !== "default") {
      part.dropped(noTarget);
      continue;
    }
    // Without its default route nothing of it would go where it went: that one is refused with everything else that is wrong.
    draft.routes[route] = { use: [target ?? part.text] };
    if (route === "think")
      part.changed(
        "routes.think",
        "there any `thinking` counts, even `disabled`; here `adaptive`, which today's client sends with every turn, counts from effort `high` on (routes.think.minEffort)",
      );
    else if (route === "image")
      part.changed("routes.image", "an image in the last message counts; there is no agent for images");
    else part.mapped(`routes.${route}`, route === "default" ? everyTurn : "");
  }
  const threshold = router?.at("longContextThreshold");
  const long = draft.routes.longContext;
  if (long !== undefined) long.threshold = threshold?.number ?? usualThreshold;
  if (long === undefined) threshold?.dropped("without Router.longContext it means nothing");
  else if (threshold?.number === undefined)
    threshold?.changed("routes.longContext.threshold", `it is no number: ${usualThreshold}`);
  else threshold.mapped("routes.longContext.threshold");
  const fallback = router?.at("fallback");
  if (fallback?.text === undefined) return;
  const behind = targetOf(fallback.text);
  if (behind === undefined) return fallback.dropped(noTarget);
  for (const route of Object.values(draft.routes)) addOnce(route.use, behind);
  fallback.changed("routes", "it stands behind the target of every route");
};

const addOnce = (list: string[], target: string): void => {
  if (!list.includes(target)) list.push(target);
};

const readFallback = (fallback: Part | undefined, targetOf: TargetOf, draft: Draft): void => {
  for (const [name, part] of fallback?.entries() ?? []) {
    const route = rowOf(routeNames, name);
    const list = route === undefined ? undefined : draft.routes[route];
    if (route === undefined || list === undefined) {
      part.dropped("there is no such route in Router");
      continue;
    }
    for (const item of part.items()) {
      const target = targetOf(item.text ?? "");
      if (target === undefined) item.dropped(noTarget);
      else {
        addOnce(list.use, target);
        item.changed(
          `routes.${route}`,
          "also where a provider cannot be reached, not on an HTTP error alone; 1.x does not know it",
        );
      }
    }
  }
};

const readServer = (top: Part, draft: Draft): void => {
  const server: Record<string, unknown> = {};
  const [host, port, key] = [top.at("HOST"), top.at("PORT"), top.at("APIKEY")];
  if (port?.number !== undefined) {
    server["port"] = port.number;
    port.mapped("server.port");
  }
  const clientKey = key?.text === undefined ? undefined : draft.clientKey(key.text);
  if (clientKey !== undefined) {
    server["clientKeys"] = [clientKey];
    key?.mapped("server.clientKeys");
  } else key?.dropped("it is empty or a sample: only this machine is served");
  if (host?.text !== undefined && clientKey === undefined && !/^(?:127\.|localhost$|::1$)/.test(host.text))
    host.changed("server.host", "without APIKEY only this machine is served, there as here");
  else if (host?.text !== undefined) {
    server["host"] = interpolated(host.text);
    host.mapped("server.host");
  }
  if (Object.keys(server).length > 0) draft.sections["server"] = server;
};

const droppedKeys: Readonly<Record<string, string>> = {
  LOG: "the log goes to stderr, and `switchyard logs` reads it; log.level silent turns it off",
  NON_INTERACTIVE_MODE: "the router asks nothing; `claude -p` is the client's own way",
  StatusLine: "a setting of the client itself",
  REWRITE_SYSTEM_PROMPT: "system prompts are not rewritten",
  transformers: "there are no transformers here: a provider's preset, dialect and quirks take their place",
  plugins: "there are no plugins here",
  CLAUDE_PATH: "the client is found in PATH, or installed",
  HOT_RELOAD: "a changed file is always read again",
  forceUseImageAgent: "there is no agent for images: routes.image sends them to a model that sees",
};

const readGlobals = (top: Part, draft: Draft): void => {
  const [timeout, proxy, level, script] = [
    "API_TIMEOUT_MS",
    "PROXY_URL",
    "LOG_LEVEL",
    "CUSTOM_ROUTER_PATH",
  ].map((name) => top.at(name));
  if (timeout?.number !== undefined && timeout.number > 0) {
    draft.forEveryProvider("timeouts", { total: `${Math.max(1, Math.round(timeout.number / 1000))}s` });
    timeout.mapped("providers.*.timeouts.total");
  }
  if (proxy?.text !== undefined && !isHttpProxy(proxy.text)) proxy.dropped(noSocks);
  else if (proxy?.text !== undefined) {
    draft.forEveryProvider("proxy", proxyUrl(draft, proxy.text));
    proxy.mapped("providers.*.proxy");
  }
  const ours = rowOf(levels, level?.text ?? "");
  if (ours !== undefined) {
    draft.sections["log"] = { level: ours };
    if (ours === level?.text) level.mapped("log.level");
    else level?.changed("log.level", `it is ${ours} here`);
  }
  if (script?.text !== undefined) readScript(script, script.text, draft);
  for (const [name, part] of top.entries()) {
    const why = rowOf(droppedKeys, name);
    if (why !== undefined) part.dropped(why);
    else if (/_(?:KEY|TOKEN)$/.test(name) && part.text !== undefined)
      part.dropped(
        `a text for references of this file alone; keep it with: switchyard secrets set ${variableNameOf(name, "")}`,
      );
  }
};

const readScript = (part: Part, text: string, draft: Draft): void => {
  const path = interpolated(text).replace(/^~(?=\/)/, "${HOME}");
  if (!existsSync(path.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => draft.valueOf(name) ?? ""))) {
    part.dropped("there is no such file on this machine; once it is, name it in rulesScript");
    return;
  }
  draft.sections["rulesScript"] = path;
  part.changed(
    "rulesScript",
    "it runs as it is, apart from the router; what it changes in the request changes nothing",
  );
};
