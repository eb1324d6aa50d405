/** A real CLIProxyAPI between the router and the provider: each form that the router speaks, to each kind of provider that CLIProxyAPI asks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientEdits, describeWay, type Known } from "../support/between.ts";
import { ask, called, calls, received, startWorld } from "../support/between-world.ts";
import { tools, turnAfter, type World } from "../support/between-world.ts";
import { carriedCalls } from "../support/carried-calls.ts";
import { type CliproxyapiServer, startCliproxyapi } from "../support/cliproxyapi-server.ts";

/** One model of each kind of provider, by CLIProxyAPI's name of that kind; those of its own catalogue, whose abilities it knows. */
const legs = {
  "openai-compatibility": "some-model",
  "claude-api-key": "claude-sonnet-4-5-20250929",
  "gemini-api-key": "gemini-2.5-pro",
  "codex-api-key": "gpt-5.1-codex",
} as const;
type LegName = keyof typeof legs;

/** The forms in which the router speaks to CLIProxyAPI. */
const forms = ["chat", "messages", "responses", "google"] as const;
type Form = (typeof forms)[number];

const providersOf = ({ url, key }: { url: string; key: string }): string => `
  chat: { dialect: openai-chat, baseUrl: "${url}/v1", keys: ["${key}"] }
  messages: { preset: cliproxyapi, baseUrl: "${url}", keys: ["${key}"] }
  responses: { dialect: openai-responses, baseUrl: "${url}/v1", keys: ["${key}"] }
  google: { dialect: gemini, baseUrl: "${url}/v1beta", keys: ["${key}"], keyHeader: authorization }
  googleWhole: { dialect: gemini, baseUrl: "${url}/v1beta", keys: ["${key}"], keyHeader: authorization, quirks: { noStream: true } }`;

const startServer = (provider: string): Promise<CliproxyapiServer> => {
  const key = { "api-key": "sk-provider-0123456789" };
  const model = (leg: LegName): object => ({ models: [{ name: legs[leg], alias: legs[leg] }] });
  const compatible = { name: "scripted", "base-url": `${provider}/v1`, "api-key-entries": [key] };
  const sections = {
    "openai-compatibility": [{ ...compatible, ...model("openai-compatibility") }],
    "claude-api-key": [{ ...key, "base-url": provider, ...model("claude-api-key") }],
    "gemini-api-key": [{ ...key, "base-url": provider, ...model("gemini-api-key") }],
    "codex-api-key": [{ ...key, "base-url": `${provider}/v1`, ...model("codex-api-key") }],
  };
  return startCliproxyapi(sections, Object.keys(legs).length);
};
let world: World<CliproxyapiServer>;
beforeAll(async () => {
  world = await startWorld(startServer, providersOf, `chat,${legs["openai-compatibility"]}`);
}, 900_000);
afterAll(() => world?.close());

/** What is not input although it was cached is counted as input, or not at all. */
const counts = (input: number, cached: number) => (): object => ({
  input_tokens: input,
  output_tokens: 30,
  ...(cached > 0 && { cache_read_input_tokens: cached }),
});
const lost: Record<Form, Partial<Record<LegName, Partial<Known>>>> = {
  chat: { "codex-api-key": { thinking: "First I consider — ✓.\n\n" } },
  messages: {
    "claude-api-key": { signed: true },
    "gemini-api-key": { usage: counts(120, 0) },
  },
  responses: {
    "claude-api-key": { usage: counts(40, 0) },
    "codex-api-key": { signed: true },
  },
  google: {
    "openai-compatibility": { usage: counts(120, 0), mixesCalls: true },
    // What is not cached stands where all of the input should.
    "claude-api-key": { usage: counts(0, 40) },
    "codex-api-key": { usage: counts(120, 0), thinking: "" },
  },
};

for (const form of forms)
  for (const leg of Object.keys(legs) as LegName[]) {
    // Its streams of that way have no end: see below.
    const asked = form === "google" && leg === "codex-api-key" ? "googleWhole" : form;
    describeWay(
      `a router that speaks ${form} to CLIProxyAPI, before a provider of the kind ${leg}`,
      `${asked},${legs[leg]}`,
      () => world,
      lost[form][leg],
    );
  }

describe("what CLIProxyAPI spoils in Google's form", () => {
  it("a stream of a codex-api-key that has no end is an error after its words, and no answer that seems whole", async () => {
    const answer = await received(await ask(world, `google,${legs["codex-api-key"]}`, "words"));
    expect(answer.text).toContain("the end.");
    expect(answer.error?.message).toContain("without a finish reason");
    expect(answer.stopReason).toBeUndefined();
  });

  it("two calls at once of an openai-compatibility provider come whole; CLIProxyAPI gives both results to the last", async () => {
    const answer = await received(await ask(world, "google,some-model", "calls", { tools }));
    // In no order of its own.
    expect(called(answer)).toHaveLength(2);
    expect(called(answer)).toEqual(expect.arrayContaining(calls));
    const after = await received(await ask(world, "google,some-model", "calls", turnAfter(answer)));
    expect(after.text).toBe("Both are back ✓.");
    const { body } = world.provider.requests.at(-1)!;
    expect(carriedCalls(body).map((call) => call.result === undefined)).toEqual([true, false]);
  });
});

describe("the preset cliproxyapi", () => {
  it.each(Object.values(legs))("sends %s no system message amidst the conversation", async (model) => {
    const messages = [
      { role: "user", content: "ASK:words" },
      { role: "system", content: "Only told here." },
      { role: "assistant", content: "Yes." },
      { role: "user", content: "Go on." },
    ];
    const answer = await received(await ask(world, `messages,${model}`, "words", { messages }));
    expect(answer.text).toContain("the end.");
    const { body, raw } = world.provider.requests.at(-1)!;
    expect(raw).toContain("Only told here.");
    const turns = (body.messages ?? body["input"] ?? body["contents"]) as { role: string }[];
    expect(turns.map(({ role }) => role)).not.toContain("system");
  });
});

describe.each(forms)("Claude Code on the host, behind a router that speaks %s to CLIProxyAPI", (form) => {
  it("reads a file, runs a command and edits the file", () =>
    // In Google's form CLIProxyAPI spoils parallel results for the others, and puts the client's texts together without a break.
    clientEdits(
      world,
      providersOf(world.server),
      `${form},${legs[form === "google" ? "gemini-api-key" : "openai-compatibility"]}`,
      true,
    ));
});

describe("CLIProxyAPI with its management off and its own catalogue of models", () => {
  it("asks nobody but the providers, save for one version number that no setting turns off", () => {
    expect(world.server.outside.filter((host) => !host.startsWith("antigravity-auto-updater-"))).toEqual([]);
  });
});
