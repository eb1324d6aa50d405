import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clientModel, providerModel, type Contender } from "./contender.ts";

const root = join(import.meta.dirname, "../../..");

/** The router as a user runs it, with one provider, the usual routes, and its log off. @param more of the configuration */
const routerOf = (name: string, more: object): Contender => ({
  name,
  about: "this checkout's router, started by bin/switchyard, started before with the same configuration",
  forms: ["chat", "anthropic"],
  launch: async ({ form, port, providerPort, dir: own }) => {
    // One for the whole run, as a user has one: the first start fills the caches, and is not counted.
    const dir = join(own, `../${name}-${form}`);
    await mkdir(dir, { recursive: true });
    const provider =
      form === "chat"
        ? {
            dialect: "openai-chat",
            baseUrl: `http://127.0.0.1:${providerPort}/v1`,
            keys: ["bench-provider-key"],
          }
        : {
            dialect: "anthropic",
            baseUrl: `http://127.0.0.1:${providerPort}`,
            keys: ["bench-provider-key"],
            keyHeader: "x-api-key",
            quirks: { rawStream: true },
          };
    const target = form === "chat" ? `loop,${providerModel}` : `loop,${clientModel}`;
    const config = {
      server: { host: "127.0.0.1" },
      log: { level: "silent" },
      ...more,
      providers: { loop: provider },
      routes: {
        default: [target],
        background: [target],
        think: [target],
        longContext: { use: [target], threshold: 60_000 },
        webSearch: [target],
      },
    };
    // JSON is YAML.
    const file = join(dir, "switchyard.yaml");
    await writeFile(file, JSON.stringify(config, undefined, 2));
    return {
      file: join(root, "bin/switchyard"),
      args: ["router", "--config", file, "--port", String(port)],
      env: { HOME: dir, XDG_CACHE_HOME: join(dir, "../cache") },
      cwd: dir,
    };
  },
  readyPath: "/health",
  requestPath: () => "/v1/messages?beta=true",
  clientForm: () => "anthropic",
});

export const switchyard = routerOf("switchyard", {});

/** The two that differ in their ledger alone. Neither takes part beside the peer. */
export const withLedger = routerOf("switchyard-ledger", { ledger: { enabled: true } });
export const withoutLedger = routerOf("switchyard-no-ledger", { ledger: { enabled: false } });
