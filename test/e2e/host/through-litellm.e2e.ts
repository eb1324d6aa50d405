/** A real LiteLLM between the router and the provider: each form that the router speaks, to each kind of provider that LiteLLM asks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientEdits, describeWay, type Known } from "../support/between.ts";
import { ask, called, calls, received, startWorld } from "../support/between-world.ts";
import { tools, type World } from "../support/between-world.ts";
import { startLitellm } from "../support/litellm-server.ts";

/** Kinds of providers, as LiteLLM names them. */
const legs = {
  compatible: { model: "hosted_vllm/some-model", path: "/v1" },
  openai: { model: "openai/gpt-5.5", path: "/v1" },
  responses: { model: "openai/responses/gpt-5.5", path: "/v1" },
  anthropic: { model: "anthropic/claude-sonnet-4-5", path: "" },
  gemini: { model: "gemini/gemini-2.5-pro", path: "/v1beta" },
} as const;
type LegName = keyof typeof legs;

/** The forms in which the router speaks to LiteLLM. */
const forms = ["chat", "messages", "responses", "google"] as const;
type Form = (typeof forms)[number];

const providersOf = ({ url, key }: { url: string; key: string }): string => `
  chat: { preset: litellm, baseUrl: "${url}/v1", keys: ["${key}"] }
  messages: { preset: litellm-anthropic, baseUrl: "${url}", keys: ["${key}"] }
  whole: { preset: litellm-anthropic, baseUrl: "${url}", keys: ["${key}"], quirks: { noStream: true } }
  responses: { dialect: openai-responses, baseUrl: "${url}/v1", keys: ["${key}"] }
  google: { dialect: gemini, baseUrl: "${url}/v1beta", keys: ["${key}"], keyHeader: authorization }`;

let world: World;
beforeAll(async () => {
  world = await startWorld((provider) => startLitellm(legs, provider), providersOf, "chat,openai");
}, 600_000);
afterAll(() => world?.close());

const ownFault = [500, "api_error"] as const;
/** LiteLLM's form of Google, where the provider is not Google. */
const foreignGoogle: Partial<Known> = {
  // Nothing in streams, and cached tokens as input in whole answers.
  usage: (stream) =>
    stream ? { input_tokens: 0, output_tokens: 0 } : { input_tokens: 120, output_tokens: 30 },
  thinking: "",
  wrongKey: ownFault,
};
/**
 * Whose signed or sealed thinking comes back in which form. Anthropic's form loses what Google signed, every other form what Anthropic did; an
 * OpenAI-compatible provider is asked in the form of Responses where LiteLLM is.
 */
const signedBy: Record<Form, readonly LegName[]> = {
  chat: ["gemini"],
  messages: ["openai", "responses", "anthropic"],
  responses: ["compatible", "openai", "responses", "gemini"],
  google: ["gemini"],
};
const lostIn = (form: Form, leg: LegName): Partial<Known> => ({
  ...(form === "google" && leg !== "gemini" && foreignGoogle),
  ...(form === "google" && leg === "anthropic" && { limit: ownFault }),
  mixesCalls: form === "messages" && leg === "compatible",
  signed: signedBy[form].includes(leg),
});

for (const form of forms)
  for (const leg of Object.keys(legs) as LegName[])
    describeWay(
      `a router that speaks ${form} to LiteLLM, before a provider of the kind ${leg}`,
      `${form},${leg}`,
      () => world,
      lostIn(form, leg),
    );

describe("two calls whose pieces come by turns, where LiteLLM mixes them up", () => {
  it("are an error that says so, and no call with the arguments of another", async () => {
    const answer = await received(await ask(world, "messages,compatible", "calls", { tools }));
    expect(answer.error?.message).toContain("the arguments of a tool call are not JSON");
    expect(answer.stopReason).toBeUndefined();
  });

  it("come whole where the router asks LiteLLM for no stream", async () => {
    const answer = await received(await ask(world, "whole,compatible", "calls", { tools }));
    expect(called(answer)).toEqual(calls);
  });
});

describe.each(forms)("Claude Code on the host, behind a router that speaks %s to LiteLLM", (form) => {
  it("reads a file, runs a command and edits the file", () =>
    // In parallel but where LiteLLM would mix them up.
    clientEdits(world, providersOf(world.server), `${form},compatible`, form !== "messages"));
});
