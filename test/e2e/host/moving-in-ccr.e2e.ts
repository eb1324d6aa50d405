/** The same config.json in a real claude-code-router and, imported, in the router: each request reaches the same model with the same key. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installCcr, startCcr } from "../support/ccr-server.ts";
import {
  type Both,
  type Difference,
  fromBoth,
  itReachesTheSame,
  itTellsDifferences,
  type Question,
  startBoth,
  told,
} from "../support/moving-in.ts";

const env = { BETA_KEY: "sk-of-beta-0123456789abcdef" };
const key = "a-key-of-clients-0123456789";

/** As people write it: comments, names without quotes, trailing commas, a variable, a transformer for one model alone. */
const byHand = (provider: string): string => `// kept by hand
{
  /* where it listens */ "PORT": 3456, "HOST": "127.0.0.1", "LOG": false,
  "NON_INTERACTIVE_MODE": true, "APIKEY": "${key}",
  Providers: [
    { name: "Alpha", api_base_url: "${provider}/alpha/v1/chat/completions", api_key: "sk-of-alpha-0123456789abcdef",
      models: ["alpha-1", "alpha/With:Colon", "alpha-long",],
      transformer: { use: ["enhancetool"], "alpha-1": { use: [["maxtoken", { max_tokens: 2000 }]] } }, },
    { name: "beta", api_base_url: '${provider}/beta/v1/messages', api_key: "$BETA_KEY", models: ["beta-think"],
      transformer: { use: ["Anthropic"] } },
    { name: "gamma", api_base_url: "${provider}/gamma/v1beta/models/", api_key: "AIzaSyGamma0123456789abcdef",
      models: ["gamma-web"], transformer: { use: ["gemini"] } },
  ],
  Router: {
    default: "Alpha,alpha-1", background: "Alpha,alpha/With:Colon", think: "beta,beta-think",
    longContext: "Alpha,alpha-long", longContextThreshold: 2000, webSearch: "gamma,gamma-web",
  },
}
`;

/** With a script of its own, a model that sees, and what stands behind a model that fails. */
const withScript = (provider: string): string =>
  JSON.stringify({
    PORT: 3456,
    LOG: false,
    NON_INTERACTIVE_MODE: true,
    APIKEY: key,
    CUSTOM_ROUTER_PATH: "FOLDER/custom.js",
    Providers: ["one", "two", "broken"].map((name) => ({
      name,
      api_base_url: `${provider}/${name}/v1/chat/completions`,
      api_key: `sk-of-${name}-0123456789abcdef`,
      models: ["m", "sees"],
    })),
    Router: { default: "broken,m", background: "one,m", image: "two,sees", think: "broken,m" },
    fallback: { default: ["two,m", "one,m"], think: ["one,m"] },
  });
const script = `module.exports = async (req) =>
  JSON.stringify(req.body.messages).includes("by script") ? "two,scripted" : null;`;

const thinking = { type: "enabled", budget_tokens: 1024 };
const tools = [{ type: "web_search_20250305", name: "web_search" }];
const haiku = "claude-haiku-4-5";
const says = (content: unknown): Question => ({ messages: [{ role: "user", content }] });
const long = says("many words of a long conversation ".repeat(1000));
const tag = "<CCR-SUBAGENT-MODEL>beta,beta-think</CCR-SUBAGENT-MODEL>Look.";
const tagged = (...texts: string[]): Question => ({ system: texts.map((text) => ({ type: "text", text })) });
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } };

/** Requests that must not tell the two apart. */
const same: Record<string, Question> = {
  "an ordinary turn": {},
  "an ordinary turn that is not streamed": { stream: false },
  "a turn that asks for less than the model's limit": { max_tokens: 100 },
  "a turn of haiku": { model: haiku },
  "a turn that thinks": { thinking },
  "a turn whose adaptive thinking has high effort": {
    thinking: { type: "adaptive" },
    output_config: { effort: "high" },
  },
  "a turn of haiku that thinks": { model: haiku, thinking },
  "a long conversation": long,
  "a long conversation of haiku that thinks": { ...long, model: haiku, thinking },
  "a model by its name": { model: "beta,beta-think" },
  "a model by its name, the provider in small letters": { model: "alpha,alpha-long" },
  "a model that its file does not list": { model: "Alpha,alpha-new" },
  "a model by its name in a long conversation": { ...long, model: "beta,beta-think" },
  "a name that nobody knows": { model: "gpt-5" },
  "a subagent's tag": tagged("You are a helper.", tag),
  "a subagent's tag in a long conversation": { ...long, ...tagged("You are a helper.", tag) },
  "a subagent's tag in a turn of haiku": { model: haiku, ...tagged("You are a helper.", tag) },
};

/** Requests that come to another model or with another limit, and where the report says so. */
const different: Record<string, Difference> = {
  "thinking that the client leaves to the model": {
    question: { thinking: { type: "adaptive" }, output_config: { effort: "medium" } },
    key: "Router.think",
    says: /^changed: .*`adaptive`.*from effort `high` on/,
    there: [{ model: "beta-think" }],
    here: { model: "alpha-1" },
  },
  "thinking that is switched off": {
    question: { thinking: { type: "disabled" } },
    key: "Router.think",
    says: /^changed: .*even `disabled`/,
    there: [{ model: "beta-think" }],
    here: { model: "alpha-1" },
  },
  "a search at Google": {
    question: { tools },
    key: "Providers[2].transformer.use[0]",
    says: /max_tokens is sent along/,
    there: [{ model: "gamma-web", most: undefined }],
    here: { model: "gamma-web", most: 4000 },
  },
  "a tag in the first part of the system prompt": {
    question: tagged(tag),
    key: "Router.default",
    says: /tag of a subagent counts wherever/,
    there: [{ model: "alpha-1" }],
    here: { model: "beta-think" },
  },
  "a bare id that one target bears": {
    question: { model: "alpha-long" },
    key: "Providers[0].models",
    says: /by its bare id/,
    there: [{ model: "alpha-1" }],
    here: { model: "alpha-long" },
  },
};

describe.each(["1.0.73", "2.0.0"])("a configuration of claude-code-router %s", (version) => {
  let both: Both;
  beforeAll(async () => {
    await installCcr(version);
    both = await startBoth({
      text: byHand,
      file: "config.json",
      start: (text) => startCcr(version, text, env),
      key,
      env,
    });
  });
  afterAll(() => both?.close());

  itReachesTheSame(() => both, same);

  itTellsDifferences(() => both, different);

  it("the tag of a subagent reaches no provider", async () => {
    const before = both.provider.requests.length;
    await fromBoth(both, tagged("You are a helper.", tag));
    const sent = both.provider.requests.slice(before).map(({ raw }) => raw.includes("CCR-SUBAGENT"));
    expect(sent).toEqual([false, false]);
  });
});

describe.each(["1.0.73", "2.0.0"])(
  "a configuration with a script and fallbacks of claude-code-router %s",
  (version) => {
    let both: Both;
    beforeAll(async () => {
      await installCcr(version);
      both = await startBoth({
        text: withScript,
        file: "config.json",
        files: { "custom.js": script },
        start: (text) => startCcr(version, text, {}),
        key,
      });
    });
    afterAll(() => both?.close());

    it.each<[string, Question]>([
      ["a turn that the script sends somewhere", says("by script")],
      ["a turn of haiku that the script sends somewhere", { ...says("by script"), model: haiku }],
      ["a turn that the script leaves alone", { model: haiku }],
      ["a picture", says([picture, { type: "text", text: "What is it?" }])],
    ])("%s reaches the same model with the same key", async (_, question) => {
      const { there, here } = await fromBoth(both, question);
      expect(there).toHaveLength(1);
      expect(here).toEqual(there);
    });

    it.each<[string, Question]>([
      ["a turn whose model fails", {}],
      ["a turn that thinks, whose model fails", { thinking }],
    ])(
      "%s is answered by the same model behind it; 1.x has none, as the report says",
      async (_, question) => {
        const { there, here } = await fromBoth(both, question);
        const behind = { provider: "thinking" in question ? "one" : "two", model: "m" };
        expect(here.at(-1)).toMatchObject(behind);
        expect(there.at(-1)).toMatchObject(version === "1.0.73" ? { provider: "broken" } : behind);
        expect(told(both.here.findings, "fallback.default[0]")).toMatch(/1\.x does not know it/);
        expect(told(both.here.findings, "Router.default")).toMatch(/tried again/);
      },
    );
  },
);
