/**
 * Connections to providers: one undici agent for each provider, address and set of time-outs, and for each proxy. A provider that a reload did not
 * change keeps its connections.
 */
import type { Readable } from "node:stream";
import type { Agent, Dispatcher } from "undici";
import type { Config, ProviderConfig } from "../../config/types.ts";
import { isLoopback } from "../../shared/loopback.ts";
import { proxyEnvironment } from "../../shared/proxy-env.ts";
import { createAgent, createProxyAgent } from "./undici.ts";

type Reached = Pick<ProviderConfig, "name" | "timeouts"> & Partial<Pick<ProviderConfig, "baseUrl">>;

/** What an agent is made for, but for its proxy. */
const identityOf = (provider: Reached): string => {
  let identity = identities.get(provider);
  if (identity === undefined) {
    const { name, baseUrl, timeouts } = provider;
    identity = JSON.stringify([name, baseUrl, timeouts.connect, timeouts.firstByte, timeouts.idle]);
    identities.set(provider, identity);
  }
  return identity;
};

/** Asked for with each call; a provider of a configuration never changes. */
const identities = new WeakMap<Reached, string>();

/**
 * What a socket receives is read into one buffer, and what is pushed on is a copy of its own size. Without it Node allocates 64 KB for each read, and
 * an event of a stream is some hundred bytes: a turn whose chunks come one by one takes 6 to 9 % less CPU so. Node documents no `this` for the
 * callback; it calls it on the socket, which test/router/upstream/pool.test.ts holds.
 */
const onread = {
  buffer: Buffer.allocUnsafeSlow(64 * 1024),
  callback(this: Readable, length: number, buffer: Uint8Array): boolean {
    return this.push(Buffer.from(buffer.subarray(0, length)));
  },
};

export class UpstreamPool {
  /** By `identityOf`, then by proxy. */
  readonly #agents = new Map<string, Map<string, Dispatcher>>();
  readonly #proxied: boolean;
  readonly #noProxy: string;

  /** @param env where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked for */
  constructor(env: Readonly<Record<string, string | undefined>> = process.env) {
    const proxies = proxyEnvironment(env);
    this.#proxied = proxies !== undefined;
    this.#noProxy = proxies?.noProxy ?? "";
  }

  /** @param proxy URL of the provider's or key's own proxy; undefined: what the environment says */
  dispatcherOf(provider: Reached, proxy?: string): Dispatcher {
    const identity = identityOf(provider);
    let agents = this.#agents.get(identity);
    if (agents === undefined) this.#agents.set(identity, (agents = new Map<string, Dispatcher>()));
    let agent = agents.get(proxy ?? "");
    if (agent === undefined) agents.set(proxy ?? "", (agent = this.#create(provider, proxy)));
    return agent;
  }

  #create({ baseUrl, timeouts }: Reached, proxy: string | undefined): Dispatcher {
    const url = baseUrl === undefined ? undefined : new URL(baseUrl);
    // No proxy reaches a server on this machine (shared/proxy-env.ts): seen here once, which undici looks for with each call.
    const isNear = url !== undefined && isLoopback(url.hostname);
    const direct = proxy === undefined && (!this.#proxied || isNear);
    // One behind TLS decrypts into memory of its own, one behind a proxy is connected by it.
    const plain = direct && url?.protocol === "http:";
    const options: Agent.Options = {
      connect: { timeout: timeouts.connect, ...(plain && { onread }) },
      // undici's own default of 300 s would silently override a longer setting of the user's.
      headersTimeout: timeouts.firstByte,
      bodyTimeout: timeouts.idle,
      pipelining: 1,
      // Providers close idle connections after a minute or more; reusing one for less avoids most resets.
      keepAliveTimeout: 30_000,
    };
    // One that is named for this provider counts wherever the provider is, this machine included.
    if (proxy !== undefined)
      return createProxyAgent({ ...options, httpProxy: proxy, httpsProxy: proxy, noProxy: "" });
    return direct ? createAgent(options) : createProxyAgent({ ...options, noProxy: this.#noProxy });
  }

  /** Forgets the connections of providers that are not in `config` as they were: each is closed when its calls have ended. */
  retire(config: Pick<Config, "providers">): void {
    const kept = new Set([...config.providers.values()].map(identityOf));
    for (const [identity, agents] of this.#agents) {
      if (kept.has(identity)) continue;
      this.#agents.delete(identity);
      // One that cannot be closed well is not needed any more.
      for (const agent of agents.values()) void agent.close().catch(() => undefined);
    }
  }

  /** Ends every connection; calls in flight fail. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values()].flatMap((each) => [...each.values()]);
    this.#agents.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }
}
