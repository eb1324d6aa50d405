/**
 * Scripted providers for the real client, one of each dialect, under the preset that a user would take. Each judges what it is asked by its
 * published rules, wants its own reasoning back with every call that it made, and wants nothing of another's.
 */
import { callId, type ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { type RecordedRequest, type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { strict } from "../../support/strict/index.ts";
import type { StrictOptions } from "../../support/strict/judge.ts";

interface Kind {
  dialect: string;
  /** `provider,model` */
  target: string;
  /** The provider's entry of the configuration. */
  entry: (url: string) => string;
  rules: Omit<StrictOptions, "issued" | "model">;
  /** How the ids of its calls begin. Gemini's calls have none: its answers are known by a mark in their words. */
  ids?: string;
  /** The form of Chat wants the words themselves back. */
  opaque: (mark: string) => string;
}

const sealed = (mark: string): string => Buffer.from(`sealed ${mark}`).toString("base64");
const thought = (mark: string): string => `I consider it ${mark}.`;

export const kinds = {
  anthropic: {
    dialect: "anthropic",
    ids: "toolu",
    target: "anthropic,claude-opus-5-5",
    entry: (url) => `anthropic: { preset: anthropic, baseUrl: "${url}", auth: key, keys: [sk-a-0123456789] }`,
    rules: { systemInside: true, messageFields: ["output_config"], topFields: ["context_management"] },
    opaque: sealed,
  },
  "openai-chat": {
    dialect: "openai-chat",
    ids: "call",
    target: "deepseek,deepseek-v4-pro",
    entry: (url) => `deepseek: { preset: deepseek-openai, baseUrl: "${url}/v1", keys: [sk-d-0123456789] }`,
    rules: { topFields: ["thinking"], messageFields: ["reasoning_content"], reasoningWithCalls: true },
    opaque: thought,
  },
  "openai-responses": {
    dialect: "openai-responses",
    ids: "call",
    target: "openai,gpt-5.5",
    entry: (url) => `openai: { preset: openai-responses, baseUrl: "${url}/v1", keys: [sk-o-0123456789] }`,
    rules: {},
    opaque: sealed,
  },
  gemini: {
    dialect: "gemini",
    target: "gemini,gemini-3-pro-preview",
    entry: (url) => `gemini: { preset: gemini, baseUrl: "${url}/v1beta", keys: [sk-g-0123456789] }`,
    rules: {},
    opaque: sealed,
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as KindName[];

export interface JudgedProvider extends ScriptedProvider {
  /** What it answered 400 to, in its own words; empty where all is well. */
  violations: string[];
  /** What it signed its reasoning with, by what is in each request that has the same answer's calls in it. */
  issued: ReadonlyMap<string, string>;
}

/**
 * @param script answers a request that is within the rules; its words get a mark, its reasoning too
 */
export const judgedProvider = async (
  name: KindName,
  script: (request: RecordedRequest) => ScriptedAnswer,
): Promise<JudgedProvider> => {
  const kind: Kind = kinds[name];
  const issued = new Map<string, string>();
  const violations: string[] = [];
  const provider = await startProvider((request) => {
    const values = new Set(issued.values());
    const model = request.body.model ?? /models\/([^:]+):/.exec(request.url)?.[1] ?? "";
    const judge = strict[kind.dialect]!;
    const problems = judge(request.body, { ...kind.rules, issued: values, model });
    for (const [mark, opaque] of issued)
      if (request.raw.includes(mark) && !request.raw.includes(opaque))
        problems.push(`The reasoning of the answer ${mark} was not passed back.`);
    violations.push(...problems);
    if (problems.length > 0) {
      const error = { type: "invalid_request_error", message: problems[0] };
      return { error: { status: 400, body: JSON.stringify({ type: "error", error }) } };
    }
    return signed(script(request), `‹${name} ${provider.requests.length}›`, kind, issued, provider);
  });
  return { ...provider, violations, issued };
};

/** The answer with what a provider that thinks gives with its calls. */
const signed = (
  answer: ScriptedAnswer,
  mark: string,
  kind: Kind,
  issued: Map<string, string>,
  provider: ScriptedProvider,
): ScriptedAnswer => {
  const serial = provider.requests.length;
  if (answer.tools === undefined) return { ...answer, serial };
  const opaque = kind.opaque(mark);
  const out = {
    ...answer,
    serial,
    text: `${answer.text ?? "I go on"} ${mark}`,
    reasoning: thought(mark),
    opaque,
  };
  issued.set(kind.ids === undefined ? mark : callId(out, 0, kind.ids), opaque);
  return out;
};

/** The words of all violations and all opaque values that went astray. Empty where each provider got nothing but its own. */
export const faultsOf = (providers: Iterable<JudgedProvider>): string[] => {
  const all = [...providers];
  return all.flatMap((one) => [
    ...one.violations,
    ...all
      .filter((other) => other !== one)
      .flatMap((other) => [...other.issued])
      .filter(
        ([, opaque]) =>
          !opaque.startsWith("I consider") && one.requests.some(({ raw }) => raw.includes(opaque)),
      )
      .map(([mark]) => `The reasoning of ${mark} went to another provider.`),
  ]);
};
