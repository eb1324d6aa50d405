/**
 * The two parts of undici that the router is built on. Its index would load fetch, WebSocket, caches and mocks as well:
 * measured beside Fastify, 15 ms of the start and 7 MB at rest. The version is pinned, so the paths inside it hold.
 */
import { createRequire } from "node:module";
import type { Agent, Dispatcher, EnvHttpProxyAgent } from "undici";

const load = createRequire(import.meta.url);
const AgentClass = load("undici/lib/dispatcher/agent.js") as typeof Agent;

export const createAgent = (options: Agent.Options): Dispatcher => new AgentClass(options);

/** Goes by `HTTP_PROXY` and `HTTPS_PROXY`, except for `noProxy`. Loaded only where one is set. */
export const createProxyAgent = (options: EnvHttpProxyAgent.Options): Dispatcher => {
  const ProxyClass = load("undici/lib/dispatcher/env-http-proxy-agent.js") as typeof EnvHttpProxyAgent;
  return new ProxyClass(options);
};
