/** What CLIProxyAPI's file says besides keys: order, retries, proxy, clients. */
import type { Draft } from "../draft.ts";
import { proxyUrl } from "../secret-values.ts";
import type { Part } from "../report.ts";
import { isHttpProxy, noSocks, rowOf } from "../texts.ts";
import { droppedKeys } from "./cliproxyapi-dropped.ts";
import { directly } from "./cliproxyapi-keys.ts";

const strategies: Readonly<Record<string, string>> = {
  "round-robin": "round-robin",
  "weighted-round-robin": "weighted",
  "fill-first": "fill-first",
};

/** Order among keys, tries, proxy: for every provider that was added before. */
export const readTuning = (top: Part, draft: Draft): void => {
  const strategy = top.at("routing", "strategy");
  // Its own default is round-robin; ours is fill-first.
  draft.forEveryProvider("keyStrategy", rowOf(strategies, strategy?.text ?? "round-robin") ?? "round-robin");
  strategy?.changed(
    "providers.*.keyStrategy",
    "among the keys of one provider; different providers of a rule go by its order",
  );
  const affinity = top.at("routing", "session-affinity");
  if (affinity !== undefined) {
    draft.forEveryProvider("affinity", affinity.isTrue);
    affinity.mapped("providers.*.affinity");
  }
  const retries = top.at("request-retry");
  if (retries?.number !== undefined) {
    const longest = top.at("max-retry-interval")?.number;
    draft.forEveryProvider("failures", {
      tries: Math.min(20, Math.max(1, retries.number + 1)),
      ...(longest !== undefined && longest > 0 && { wait: { longest: `${longest}s` } }),
    });
    retries.mapped("providers.*.failures.tries", "calls, the first one counted");
    if (longest !== undefined && longest > 0)
      top.at("max-retry-interval")?.mapped("providers.*.failures.wait.longest");
  }
  const proxy = top.at("proxy-url");
  if (proxy?.text !== undefined && isHttpProxy(proxy.text)) {
    draft.forEveryProvider("proxy", proxyUrl(draft, proxy.text));
    proxy.mapped("providers.*.proxy");
  } else proxy?.dropped(proxy.text === undefined || directly.test(proxy.text) ? "none, as here" : noSocks);
};

/** Who is let in, and where it listens. */
export const readServer = (top: Part, draft: Draft): void => {
  const keys =
    (top.at("api-keys") ?? top.at("auth", "providers", "config-api-key", "api-keys"))?.items() ?? [];
  const kept = keys.flatMap((part) => {
    const key = part.text === undefined ? undefined : draft.clientKey(part.text);
    if (key === undefined) part.dropped("it is empty or a sample");
    else part.mapped("server.clientKeys");
    return key ?? [];
  });
  const server: Record<string, unknown> = kept.length > 0 ? { clientKeys: kept } : {};
  const [host, port] = [top.at("host"), top.at("port")];
  if (port?.number !== undefined) {
    // CLIProxyAPI itself may go on there, for its accounts.
    port.dropped("the router keeps its own port (3000): CLIProxyAPI may go on beside it for its accounts");
  }
  if (host?.text === undefined)
    host?.dropped(
      "empty is every interface there; here it is this machine alone until server.host says otherwise",
    );
  else if (kept.length > 0) {
    server["host"] = host.text;
    host.mapped("server.host");
  } else host.changed("server.host", "without keys of clients only this machine is served");
  if (Object.keys(server).length > 0) draft.sections["server"] = server;
  const debug = top.at("debug");
  if (debug?.isTrue === true) draft.sections["log"] = { level: "debug" };
  debug?.mapped("log.level");
};

/** Says of what has no counterpart why. */
export const tellDropped = (top: Part): void => {
  for (const [name, part] of top.entries()) {
    const why = rowOf(droppedKeys, name);
    if (why !== undefined) part.dropped(why);
  }
  top.at("routing", "session-affinity-ttl")?.dropped("a conversation stays on its key as long as it goes on");
  const longest = top.at("max-retry-interval");
  if (longest?.isTold === false) longest.dropped("without request-retry it means nothing");
};
