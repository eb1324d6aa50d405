/** A router as its user starts it, in a home of its own, with a scripted provider behind it and an administrator's token. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sandbox, untilPrinted, type Sandbox } from "../../support/cli.ts";
import { smallRequest } from "../../support/router.ts";
import { startProvider, type Script, type ScriptedProvider } from "../../support/provider/server.ts";
import { writeHistory } from "./dashboard-history.ts";

/** As long as a real one: it must be found nowhere. */
export const canary = "sk-canary-7f3a9c51e0d24b6f8a1c";

export interface DashboardWorld {
  readonly url: string;
  readonly token: string;
  readonly provider: ScriptedProvider;
  /** The user's file. */
  readonly config: string;
  readonly box: Sandbox;
  /** `POST /v1/messages`. @returns status, headers and text of the answer */
  ask(
    body?: object,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; text: string }>;
  readConfig(): string;
  /** The last that it wrote to its standard error, and how it ended, where it did. */
  routerSaid(): string;
  /** Makes another token of the administrator, as its user does while the router runs. @returns the token */
  newToken(): Promise<string>;
  /** Ends the router, as `switchyard down` does; `kill`: as a crash does. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Starts it again at the address it had. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** So many turns of weeks before; true: 600. */
  readonly history?: boolean | number;
  /** How far back they go. */
  readonly days?: number;
  /** The user's file. @param url of the provider */
  readonly yaml?: (url: string) => string;
  /** What the provider answers. */
  readonly answers?: Script;
}

const answers: Script = ({ body }) => {
  const words = JSON.stringify(body.messages ?? []);
  if (words.includes("FAIL") && body.model === "x-ai/grok-4.1-fast")
    return { error: { status: 500, body: '{"error":{"message":"it broke"}}' } };
  const over = /OVER:(\d+)/.exec(words);
  const usage = { prompt: 1200, completion: 340, cached: 800 };
  const text = "It is routed, and this answer is long enough to be seen on its way. ".repeat(4);
  return { text, usage, ...(over !== null && { over: Number(over[1]) }) };
};

const yamlOf = (url: string): string => `# The demo of the dashboard's tests.
server:
  waitForRest: 100ms
providers:
  main: # asked first
    dialect: openai-chat
    baseUrl: "${url}/v1"
    keys: ["\${MAIN_KEY}", { key: "\${SPARE_KEY}", name: spare, priority: -1 }]
  spare:
    dialect: openai-chat
    baseUrl: "${url}/v1"
    keys: ["\${MAIN_KEY}"]
  local:
    dialect: openai-chat
    baseUrl: "${url}/v1"
    keys: []
models:
  "main,x-ai/grok-4.1-fast": { price: { input: 0.2, output: 0.5, cacheRead: 0.05 } }
routes:
  default: ["main,x-ai/grok-4.1-fast", "spare,gemini-2.5-flash"]
  background: "spare,gemini-2.5-flash-lite"
  think: ["main,deepseek/deepseek-v3.2", "main,x-ai/grok-4.1-fast"]
  longContext: { use: "spare,gemini-2.5-pro", threshold: 60000 }
aliases:
  grok: "main,x-ai/grok-4.1-fast"
budgets:
  - { name: all-day, limit: 5, per: day }
`;

export const dashboardWorld = async (options: WorldOptions = {}): Promise<DashboardWorld> => {
  const { history = false, days = 20 } = options;
  const box = sandbox();
  const provider = await startProvider(options.answers ?? answers);
  const config = join(box.folder, "switchyard.yaml");
  writeFileSync(config, (options.yaml ?? yamlOf)(provider.url));
  const turns = history === true ? 600 : Number(history);
  if (turns > 0) await writeHistory(join(box.state, "ledger"), turns, days);
  const env = { MAIN_KEY: canary, SPARE_KEY: `${canary}-2` };
  const newToken = async (): Promise<string> =>
    (await box.run(["admin", "token", "--config", config], { env })).stdout.trim();
  const token = await newToken();
  const startAt = async (port: string) => {
    const child = box.start(["router", "--config", config, "--port", port], { env });
    // What it says where it does not start is the cause, and must not be lost.
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = `${said}${text}`.slice(-2000)));
    const ended = new Promise<void>((resolve) => {
      child.once("close", (code, signal) => {
        said += `\nended: ${code ?? signal}`;
        resolve();
      });
    });
    const [, url = ""] = await untilPrinted(child, "stdout", /listening on (\S+)/).catch((cause: unknown) => {
      throw new Error(`the router did not start: ${said}`, { cause });
    });
    const stop = async (signal: NodeJS.Signals): Promise<void> => {
      child.kill(signal);
      await ended;
    };
    return { url, stop, said: () => said };
  };
  let router = await startAt("0");
  const { url } = router;
  return {
    url,
    token,
    provider,
    config,
    box,
    ask: async (body = {}, headers = {}) => {
      const response = await fetch(`${url}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ ...smallRequest, ...body }),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    readConfig: () => readFileSync(config, "utf8"),
    routerSaid: () => router.said(),
    newToken,
    stop: () => router.stop("SIGTERM"),
    kill: () => router.stop("SIGKILL"),
    start: async () => {
      router = await startAt(new URL(url).port);
    },
    close: async () => {
      await router.stop("SIGTERM");
      await provider.close();
      box.remove();
    },
  };
};
