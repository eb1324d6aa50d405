import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Form } from "../answers.ts";
import { clientModel, providerKey, providerModel, type Contender } from "./contender.ts";

const root = join(import.meta.dirname, "../../..");

const providerOf = (form: Form, port: number): object => {
  const origin = `http://127.0.0.1:${port}`;
  const keys = [providerKey];
  if (form === "chat") return { dialect: "openai-chat", baseUrl: `${origin}/v1`, keys };
  if (form === "gemini") return { dialect: "gemini", baseUrl: `${origin}/v1beta`, keys };
  return {
    dialect: "anthropic",
    baseUrl: origin,
    keys,
    keyHeader: "x-api-key",
    quirks: { rawStream: true },
  };
};

/** The router as a user runs it, with one provider, the usual routes, and its log off. @param more of the configuration */
const routerOf = (name: string, more: object): Contender => ({
  name,
  about: "this checkout's router, started by bin/switchyard, started before with the same configuration",
  forms: ["chat", "gemini", "anthropic"],
  launch: async ({ form, port, providerPort, dir: own }) => {
    // One for the whole run, as a user has one: the first start fills the caches, and is not counted.
    const dir = join(own, `../${name}-${form}`);
    await mkdir(dir, { recursive: true });
    const target = form === "anthropic" ? `loop,${clientModel}` : `loop,${providerModel}`;
    const config = {
      server: { host: "127.0.0.1" },
      log: { level: "silent" },
      ...more,
      providers: { loop: providerOf(form, providerPort) },
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
  // The ledger's thread takes turns a second after the first of them.
  late: 1_200,
  readyPath: "/health",
  requestPath: () => "/v1/messages?beta=true",
  clientForm: () => "anthropic",
});

export const switchyard = routerOf("switchyard", {});

/** The two that differ in their ledger alone. Neither takes part beside the peer. */
export const withLedger = routerOf("switchyard-ledger", { ledger: { enabled: true } });
export const withoutLedger = routerOf("switchyard-no-ledger", { ledger: { enabled: false } });

/** Those that differ in their workers alone. With a budget each turn asks the shared state four times, without one twice. */
const budgets = [{ name: "all", limit: 1_000_000, per: "month" }];
const workersOf = (workers: number, more: object): Contender =>
  routerOf(`switchyard-${workers}w${"budgets" in more ? "-budget" : ""}`, {
    server: { host: "127.0.0.1", workers },
    ...more,
  });
export const byWorkers = [{}, { budgets }].map((more) => [1, 2].map((workers) => workersOf(workers, more)));
