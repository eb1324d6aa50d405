/** The three routers that are looked at: one with a month of work behind it, one that is new, one at which everything fails. */
import { writeFileSync } from "node:fs";
import type { Script } from "../support/provider/server.ts";
import { dashboardWorld, type DashboardWorld } from "../e2e/support/dashboard-world.ts";

export const hostile = `<img src=x onerror="window.hacked=1">`;
const longModel =
  "accounts/a-team-with-a-long-name/deployments/qwen3-coder-480b-a35b-instruct-fp8-turbo-preview-2026-11-03";

const answers: Script = ({ body, url }) => {
  const words = JSON.stringify(body.messages ?? body["input"] ?? body["contents"] ?? []);
  const model = `${body.model ?? ""} ${url}`;
  if (words.includes("FAIL") && model.includes("grok"))
    return { error: { status: 500, body: '{"error":{"message":"it broke"}}' } };
  if (words.includes("LIMIT") && !model.includes("qwen"))
    return {
      error: { status: 429, body: '{"error":{"message":"slow down"}}', headers: { "retry-after": "600" } },
    };
  if (words.includes("NOBODY")) return { error: { status: 503, body: "{}" } };
  const over = /OVER:(\d+)/.exec(words);
  return {
    text: "It is routed, and this answer is long enough to be seen on its way. ".repeat(20),
    usage: { prompt: 12_400, completion: 1340, cached: 9800 },
    ...(words.includes("CUT") && { cutAfter: 1500 }),
    ...(over !== null && { over: Number(over[1]) }),
  };
};

const workedYaml = (url: string): string => `# What the team uses.
server: { waitForRest: 100ms }
providers:
  main: # asked first
    dialect: openai-chat
    baseUrl: "${url}/v1"
    keys: ["\${MAIN_KEY}", { key: "\${SPARE_KEY}", name: the-other-account-of-us, priority: -1 }]
  spare: { dialect: gemini, baseUrl: "${url}/v1beta", keys: ["\${MAIN_KEY}"] }
  answers: { dialect: openai-responses, baseUrl: "${url}/v1", keys: ["\${MAIN_KEY}"] }
  claude: { dialect: anthropic, baseUrl: "${url}", keys: ["\${MAIN_KEY}"] }
  a-provider-with-quite-a-long-name: { dialect: openai-chat, baseUrl: "${url}/v1", keys: [] }
  local: { dialect: openai-chat, baseUrl: "${url}/v1", keys: [] }
models:
  "main,x-ai/grok-4.1-fast": { price: { input: 0.2, output: 0.5, cacheRead: 0.05 } }
  "spare,gemini-2.5-flash": { price: { input: 0.3, output: 2.5, cacheRead: 0.03 } }
  "answers,gpt-5.1-codex": { price: { input: 1.25, output: 10, cacheRead: 0.125 } }
rules:
  - { name: explorers, when: { subagent: true }, use: ["local,qwen3-coder-30b", "spare,gemini-2.5-flash"] }
routes:
  default: ["main,x-ai/grok-4.1-fast", "spare,gemini-2.5-flash", "a-provider-with-quite-a-long-name,${longModel}"]
  background: "spare,gemini-2.5-flash-lite"
  think: ["answers,gpt-5.1-codex", "claude,claude-opus-4-6", "main,deepseek/deepseek-v3.2"]
  longContext: { use: "spare,gemini-2.5-pro", threshold: 60000 }
  image: "claude,claude-sonnet-4-5"
aliases:
  grok: "main,x-ai/grok-4.1-fast"
  the-very-long-one: "a-provider-with-quite-a-long-name,${longModel}"
budgets:
  - { name: team, limit: 4000, per: month, timezone: Europe/Berlin, warnAt: [0.5, 0.8] }
  - { name: all-day, limit: 16, per: day }
  - { name: codex-week, scope: provider, which: answers, limit: 0.01, per: week, onExceeded: { use: ["local,qwen3-coder-30b"] } }
`;

/** Turns of every kind, with keys of every kind. The ones that still run when this returns are awaited by `close` of the world. */
const work = async (world: DashboardWorld): Promise<void> => {
  const made = (await keyOf(world, { name: "laptop" }))!;
  const poor = (await keyOf(world, {
    name: "a-client-key-with-quite-a-long-name-for-the-build-server",
    models: ["main,*", "spare,gemini-*"],
    budget: { limit: 0.003, per: "day" },
    requestsPerMinute: 60,
    tokensPerMinute: 200_000,
    expiresAt: new Date(Date.now() + 40 * 86_400_000).toISOString(),
  }))!;
  await keyOf(world, { name: "old" });
  await call(world, "/api/keys/revoke", { name: "old" });
  const say = (content: string, more: object = {}, key = made, headers: Record<string, string> = {}) =>
    world.ask(
      { stream: true, messages: [{ role: "user", content }], ...more },
      { "x-api-key": key, ...headers },
    );
  const thinking = {
    model: "claude-opus-4-6",
    thinking: { type: "enabled", budget_tokens: 2000 },
    max_tokens: 4000,
  };
  await say("hello");
  await say("hello", thinking);
  await say("hello", { model: "claude-haiku-4-5" });
  await say("hello", {}, made, { "x-claude-code-agent-id": "a1", "x-claude-code-session-id": "5e551011-1" });
  await say("hello", { model: `a-provider-with-quite-a-long-name,${longModel}` });
  await say("hello", { model: `local,${hostile}` }, made, { "x-claude-code-session-id": hostile });
  await say("FAIL");
  await say("CUT");
  await say("hello", {}, poor);
  await say("hello", {}, poor);
  await say("hello", { model: "local,qwen3-coder-30b" }, poor);
  await say("NOBODY", { model: "claude-haiku-4-5" });
  await say("LIMIT", thinking);
  await call(world, "/api/providers/claude", { enabled: false });
};

const runners = new WeakMap<DashboardWorld, Promise<string | undefined>>();

/** Begins turns that are under way for so many milliseconds. */
export const runSome = async (world: DashboardWorld, over: number): Promise<void> => {
  const made = runners.get(world) ?? keyOf(world, { name: "runner" });
  runners.set(world, made);
  const key = (await made) ?? "";
  for (const model of ["claude-haiku-4-5", "claude-sonnet-4-5", "local,qwen3-coder-30b"])
    void world
      .ask(
        { model, stream: true, messages: [{ role: "user", content: `OVER:${over}` }] },
        { "x-api-key": key },
      )
      // It is cut off where the router is ended first.
      .catch(() => undefined);
};

const sessions = new WeakMap<DashboardWorld, Promise<{ cookie: string; csrf: string }>>();

const signIn = async (world: DashboardWorld): Promise<{ cookie: string; csrf: string }> => {
  const response = await fetch(`${world.url}/api/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: world.token }),
  });
  const { csrf } = (await response.json()) as { csrf: string };
  return { csrf, cookie: (response.headers.get("set-cookie") ?? "").split(";", 1)[0]! };
};

const call = async (world: DashboardWorld, path: string, body: object): Promise<unknown> => {
  const session = sessions.get(world) ?? signIn(world);
  sessions.set(world, session);
  const { cookie, csrf } = await session;
  const response = await fetch(`${world.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie, "x-switchyard-csrf": csrf },
    body: JSON.stringify(body),
  });
  return response.json();
};

const keyOf = async (world: DashboardWorld, terms: object): Promise<string | undefined> =>
  ((await call(world, "/api/keys", terms)) as { key?: string }).key;

/** A month of work, and some of today. */
export const worked = async (turns: number): Promise<DashboardWorld> => {
  const world = await dashboardWorld({ history: turns, days: 30, yaml: workedYaml, answers });
  await work(world);
  return world;
};

/** Nobody has asked anything yet. */
export const fresh = (): Promise<DashboardWorld> => dashboardWorld({ yaml: () => "{}\n" });

/** Every provider rests, the ledger is off, and the file has an error that was written after the start. */
export const night = async (): Promise<DashboardWorld> => {
  const world = await dashboardWorld({
    yaml: (url) =>
      `${workedYaml(url).replace(/^rules:[\s\S]*?(?=^routes:)/m, "")}ledger: { enabled: false }\n`,
    answers: () => ({
      error: { status: 429, body: '{"error":{"message":"no"}}', headers: { "retry-after": "5400" } },
    }),
  });
  for (const model of ["claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-6"])
    await world.ask({ model, thinking: { type: "enabled", budget_tokens: 2000 }, max_tokens: 4000 });
  await world.ask();
  await world.ask({ model: "local,qwen3-coder-30b" });
  writeFileSync(world.config, world.readConfig().replace('background: "spare,', 'background: "spaer,'));
  return world;
};
