/** Our configuration in the router and, exported, in a real claude-code-router and a real LiteLLM: each request reaches the same model with the same key. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScriptedProvider } from "../../support/provider/server.ts";
import { installCcr, startCcr } from "../support/ccr-server.ts";
import { startRealLitellm } from "../support/litellm-server.ts";
import {
  type Asked,
  arrivals,
  moveOut,
  type MovingOut,
  type Question,
  startProviders,
} from "../support/moving-in.ts";

const env = {
  ALPHA_KEY: "sk-of-alpha-0123456789abcdef",
  BETA_KEY: "sk-of-beta-0123456789abcdef",
  GAMMA_KEY: "AIzaSyGamma0123456789abcdef",
  SWITCHYARD_CLIENT_KEY: "sk-a-key-of-clients-0123456789",
};
const key = env.SWITCHYARD_CLIENT_KEY;

const yaml = (provider: string): string => `
server: { clientKeys: ["\${SWITCHYARD_CLIENT_KEY}"] }
providers:
  alpha: { dialect: openai-chat, baseUrl: "${provider}/alpha/v1", keys: ["\${ALPHA_KEY}"] }
  beta: { dialect: anthropic, baseUrl: "${provider}/beta", keys: ["\${BETA_KEY}"] }
  gamma: { dialect: gemini, baseUrl: "${provider}/gamma/v1beta", keys: ["\${GAMMA_KEY}"] }
  delta: { dialect: openai-responses, baseUrl: "${provider}/delta/v1", keys: ["\${ALPHA_KEY}"] }
routes:
  default: ["alpha,broken", "beta,behind"]
  background: "gamma,gamma-small"
  think: "beta,beta-think"
  longContext: { use: "alpha,alpha-long", threshold: 2000 }
  webSearch: "delta,delta-web"
  opus: null
aliases: { short: "alpha,alpha-1" }
rules:
  - { name: by-name, when: { model: "team-model" }, use: ["alpha,team/m:1", "beta,behind"] }
`;

const shown = (list: readonly { provider: string; model: string; key: string }[]): string[] =>
  list.map((each) => `${each.provider},${each.model} ${each.key}`);

const thinking = { type: "enabled", budget_tokens: 1024 };
const haiku: Question = { model: "claude-haiku-4-5" };
const byName: Question = { model: "beta,beta-think" };

/** One configuration of ours in both. */
class Out {
  readonly provider: ScriptedProvider;
  readonly here: MovingOut;
  readonly there: Asked;

  constructor(provider: ScriptedProvider, here: MovingOut, there: Asked) {
    this.provider = provider;
    this.here = here;
    this.there = there;
  }

  /** @param start the other tool, on the exported text */
  static async start(
    tool: string,
    start: (text: string) => Promise<{ url: string; close(): Promise<void> }>,
  ): Promise<Out> {
    const provider = await startProviders();
    const here = await moveOut(tool, yaml(provider.url), key, env);
    return new Out(provider, here, { ...(await start(here.text)), key });
  }

  async ask(question: Question): Promise<{ here: string[]; there: string[] }> {
    return {
      here: shown(await arrivals(this.here, this.provider, question)),
      there: shown(await arrivals(this.there, this.provider, question)),
    };
  }

  /** What the report says of a key of ours. */
  told(wanted: string): string {
    const { outcome, why } = this.here.notes.find((note) => note.key === wanted)!;
    return `${outcome}: ${why}`;
  }

  async close(): Promise<void> {
    for (const each of [this.there, this.here, this.provider]) await each.close();
  }
}

const [failing, behind, alias, rule] = [
  `alpha,broken ${env.ALPHA_KEY}`,
  `beta,behind ${env.BETA_KEY}`,
  `alpha,alpha-1 ${env.ALPHA_KEY}`,
  `alpha,team/m:1 ${env.ALPHA_KEY}`,
];

describe.each(["1.0.73", "2.0.0"])("exported to claude-code-router %s", (version) => {
  let out: Out;
  beforeAll(async () => {
    await installCcr(version);
    out = await Out.start("ccr", (text) => startCcr(version, text, env));
  });
  afterAll(() => out?.close());

  it.each<[string, Question]>([
    ["a turn of haiku", haiku],
    ["a turn that thinks", { thinking }],
    ["a long conversation", { messages: [{ role: "user", content: "many words ".repeat(3000) }] }],
    ["a search", { tools: [{ type: "web_search_20250305", name: "web_search" }] }],
    ["a model by its name", byName],
  ])("%s reaches the same model with the same key", async (_, question) => {
    const { here, there } = await out.ask(question);
    expect(here).toHaveLength(1);
    expect(there).toEqual(here);
  });

  it("what stands behind a model follows without a second try, in 2.x alone, and the report says so", async () => {
    const { here, there } = await out.ask({});
    expect([here[0], here.at(-1)]).toEqual([failing, behind]);
    expect(there).toEqual(version === "1.0.73" ? [failing] : [failing, behind]);
    expect(out.told("routes.default")).toMatch(/^changed: no call is tried again.*1\.x does not know it/);
  });

  it.each([
    ["an alias", "short", alias, "aliases.short"],
    ["a rule", "team-model", rule, "rules: by-name"],
  ])("%s is not there, and the report says so", async (_, model, target, told) => {
    const { here, there } = await out.ask({ model });
    expect([here, there[0]]).toEqual([[target], failing]);
    expect(out.told(told)).toMatch(/^dropped: /);
  });
});

describe("exported to LiteLLM", () => {
  let out: Out;
  beforeAll(async () => {
    const variables = { ...env, LITELLM_MASTER_KEY: key };
    out = await Out.start("litellm", (text) => startRealLitellm(text, variables));
  }, 600_000);
  afterAll(() => out?.close());

  it.each<[string, Question]>([
    ["a turn of haiku", haiku],
    ["a model by its name", byName],
    ["a model of a provider of Google's form by its name", { model: "gamma,gamma-small" }],
    ["a model of a provider of the form of Responses by its name", { model: "delta,delta-web" }],
    ["an alias", { model: "short" }],
    ["the name that a rule is about", { model: "team-model" }],
  ])("%s reaches the same model with the same key", async (_, question) => {
    const { here, there } = await out.ask(question);
    expect(here).toHaveLength(1);
    expect(there).toEqual(here);
  });

  it("nothing stands behind the default route there, and the report says so", async () => {
    const { here, there } = await out.ask({});
    expect([here[0], here.at(-1)]).toEqual([failing, behind]);
    expect(there).toEqual([failing]);
    expect(out.told("routes.default")).toBe("changed: a name with * has no fallbacks there");
  });

  it("thinking decides nothing there, and the report says so", async () => {
    const { here, there } = await out.ask({ thinking });
    expect([here, there]).toEqual([[`beta,beta-think ${env.BETA_KEY}`], [failing]]);
    expect(out.told("routes.think")).toBe("dropped: LiteLLM goes by the model's name alone");
  });
});
