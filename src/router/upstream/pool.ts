/** Connections to providers: one undici agent a provider, so that its time-outs are its own. */
import type { Agent, Dispatcher } from "undici";
import type { ProviderConfig } from "../../config/types.ts";
import { createAgent, createProxyAgent } from "./undici.ts";

export class UpstreamPool {
  readonly #agents = new Map<string, Dispatcher>();
  readonly #proxied: boolean;
  readonly #noProxy: string;

  /** @param env where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked for */
  constructor(env: Readonly<Record<string, string | undefined>> = process.env) {
    this.#proxied = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"].some(
      (name) => (env[name] ?? "") !== "",
    );
    // A proxy cannot reach a server on this machine, and the machine's NO_PROXY often forgets to say so.
    this.#noProxy = [env["NO_PROXY"] ?? env["no_proxy"] ?? "", "127.0.0.1", "localhost", "[::1]"]
      .filter((part) => part !== "")
      .join(",");
  }

  dispatcherOf(provider: Pick<ProviderConfig, "name" | "timeouts">): Dispatcher {
    let agent = this.#agents.get(provider.name);
    if (agent === undefined) {
      const { connect, firstByte, idle } = provider.timeouts;
      const options: Agent.Options = {
        connect: { timeout: connect },
        // undici's own default of 300 s would silently override a longer setting of the user's.
        headersTimeout: firstByte,
        bodyTimeout: idle,
        pipelining: 1,
        // Providers close idle connections after a minute or more; reusing one for less avoids most resets.
        keepAliveTimeout: 30_000,
      };
      agent = this.#proxied ? createProxyAgent({ ...options, noProxy: this.#noProxy }) : createAgent(options);
      this.#agents.set(provider.name, agent);
    }
    return agent;
  }

  /** Ends every connection; calls in flight fail. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }
}
