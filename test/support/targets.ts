/** One provider of each dialect, as strict as its documents say, for requests of any origin. */
import type { Quirks } from "../../src/config/types.ts";
import type { MessagesRequest } from "../../src/protocol/anthropic.ts";
import type { DialectContext, HttpDialect } from "../../src/router/dialects/dialect.ts";
import { dialectContext } from "./dialect-context.ts";
import { dialects } from "./dialects.ts";
import { strict } from "./strict/index.ts";
import type { StrictOptions } from "./strict/judge.ts";

export interface Target {
  readonly name: string;
  readonly dialect: "anthropic" | "openai-chat" | "openai-responses" | "gemini";
  readonly model: string;
  readonly quirks?: Quirks;
  readonly rules?: Partial<StrictOptions>;
}

export const targets: readonly Target[] = [
  {
    name: "Anthropic",
    dialect: "anthropic",
    model: "claude-sonnet-4-5",
    quirks: { rawStream: true },
    rules: { systemInside: true },
  },
  {
    name: "a provider of Anthropic's form",
    dialect: "anthropic",
    model: "glm-5",
    quirks: {
      inlineSystemMessages: true,
      noDeferredTools: true,
      structuredOutput: "prompt",
      webSearch: "none",
    },
    // What no flag takes out goes on as the client sent it: fields of Vertex, and files for Anthropic's containers.
    rules: { lenientThinking: true, anyToolId: true, topFields: ["anthropic_version", "container"] },
  },
  { name: "OpenAI Chat", dialect: "openai-chat", model: "gpt-5.5", quirks: { toolIdLength: 40 } },
  { name: "OpenAI Responses", dialect: "openai-responses", model: "gpt-5.5" },
  { name: "Gemini", dialect: "gemini", model: "gemini-3-pro-preview" },
];

export const httpDialect = (name: Target["dialect"]): HttpDialect => dialects[name] as HttpDialect;

/** @param origin the provider's name: what another gave out is foreign to it */
export const contextOf = (target: Target, origin: string, request?: MessagesRequest): DialectContext => {
  const { dialect, model, quirks = {} } = target;
  const context = dialectContext({ dialect, model, quirks, stream: false });
  return { ...context, provider: { ...context.provider, name: origin }, request };
};

/** The body that a target gets, parsed. */
export const sentTo = (
  target: Target,
  request: MessagesRequest,
  origin = "target",
): Record<string, unknown> => {
  const encoded = httpDialect(target.dialect).encode(
    structuredClone(request),
    contextOf(target, origin, request),
  );
  return JSON.parse(String(encoded.body)) as Record<string, unknown>;
};

/** What the target would answer 400 to. @param issued what it gave out itself */
export const refusalsOf = (
  target: Target,
  body: unknown,
  issued: ReadonlySet<string> = new Set(),
): string[] => strict[target.dialect]!(body, { issued, model: target.model, ...target.rules });
