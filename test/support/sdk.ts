/** What the tests with real clients of all kinds share: one strict provider of each dialect behind a router. */
import { entry, provider, router } from "./openai-router.ts";
import type { Script, ScriptedProvider } from "./provider/server.ts";
import type { TestRouter } from "./router.ts";
import type { StrictOptions } from "./strict/judge.ts";
import { strictly } from "./strict/script.ts";

export const kinds = ["anthropic", "chat", "responses", "gemini"] as const;
export type Kind = (typeof kinds)[number];

const dialects: Readonly<Record<Kind, string>> = {
  anthropic: "anthropic",
  chat: "openai-chat",
  responses: "openai-responses",
  gemini: "gemini",
};

/** Fields that the documents of each provider leave out, and its own clients send to it. */
const beyond: Readonly<Record<Kind, readonly string[]>> = {
  // The beta message-threads.
  anthropic: ["thread"],
  chat: [],
  // The Codex CLI's.
  responses: ["client_metadata"],
  gemini: [],
};

/** Reads two files at once, then says what it read; what it was told is in what it is asked then, whatever the form. */
export const readTwice: Script = (request) =>
  request.raw.includes("content of a.txt")
    ? { text: "Read ✓ both.", usage: { prompt: 300, completion: 9, cached: 200 } }
    : {
        reasoning: "Both are needed.",
        text: "I read them.",
        tools: [
          { name: "read", input: { path: "a.txt" }, id: "call_a" },
          { name: "read", input: { path: "ü.txt" }, id: "call_b" },
        ],
      };

export const parameters = {
  type: "object" as const,
  properties: { path: { type: "string" as const } },
  required: ["path"],
};

/**
 * A provider that answers 400 to what is against its rules, and a router that leads everything to it.
 * @param more lines of the configuration
 */
export const strictRouter = async (
  kind: Kind,
  script: Script,
  ...more: string[]
): Promise<{ up: ScriptedProvider; r: TestRouter }> => strictRouterWith({}, kind, script, ...more);

/** The same, with exceptions to its rules. */
export const strictRouterWith = async (
  exceptions: Partial<StrictOptions>,
  kind: Kind,
  script: Script,
  ...more: string[]
): Promise<{ up: ScriptedProvider; r: TestRouter }> => {
  // The scripted answers sign with these two.
  const issued = new Set(["c2lnbmVkIGJ5IHRoZSBzY3JpcHQ=", "sealed-by-the-script"]);
  const options = { issued, topFields: beyond[kind], ...exceptions };
  const up = await provider(strictly(dialects[kind], options, script));
  const lines = ["providers:", entry[kind]("up", up.url), 'routes: { default: "up,claude-opus-5-5" }'];
  return { up, r: await router(...more, ...lines) };
};

/** The same, with a GPT name for clients of OpenAI's. */
export const startStrict = async (kind: Kind, script: Script): Promise<TestRouter> =>
  (await strictRouter(kind, script, 'aliases: { gpt-5: "up,claude-opus-5-5" }')).r;
