/** What a client of Google's protocol got: a stream as events or as one array, or a whole answer, put together as its SDKs do, with all that is against the form. */
import type { GeminiAnswer, GeminiGroundingMetadata, GeminiPart } from "../../src/protocol/gemini.ts";
import { parseJsonObject } from "../../src/shared/json.ts";

export interface GeminiSeen {
  problems: string[];
  text: string;
  thoughts: string;
  parts: GeminiPart[];
  calls: { id?: string; name: string; args: unknown }[];
  finish: string | undefined;
  usage: Record<string, unknown>;
  grounding: GeminiGroundingMetadata | undefined;
  error: { code: number; message: string; status: string } | undefined;
}

const itemsOf = (stream: string, problems: string[]): string[] => {
  if (/^\s*\[/.test(stream)) return (JSON.parse(stream) as unknown[]).map((one) => JSON.stringify(one));
  // A provider may end its lines as it likes, and Google's SDKs read each way.
  const events = stream.split(/\r\n\r\n|\n\n|\r\r/).filter((event) => event.trim() !== "");
  return events.map((event) => {
    const data = /^\s*data: ([^\r\n]*)$/.exec(event)?.[1];
    if (data === undefined) problems.push(`no event: ${event.slice(0, 60)}`);
    return data ?? "{}";
  });
};

/** @param stream text of the whole stream, or of a whole answer */
export const geminiSeen = (stream: string): GeminiSeen => {
  const seen: GeminiSeen = {
    problems: [],
    text: "",
    thoughts: "",
    parts: [],
    calls: [],
    finish: undefined,
    usage: {},
    grounding: undefined,
    error: undefined,
  };
  const items = stream.startsWith("{") ? [stream] : itemsOf(stream, seen.problems);
  for (const item of items) {
    if (seen.finish !== undefined || seen.error !== undefined) seen.problems.push("something after the end");
    take(seen, parseJsonObject(item) ?? {});
  }
  if (seen.finish === undefined && seen.error === undefined) seen.problems.push("no end");
  return seen;
};

const take = (seen: GeminiSeen, answer: GeminiAnswer): void => {
  if (answer.error !== undefined) {
    seen.error = answer.error as GeminiSeen["error"];
    return;
  }
  const candidate = answer.candidates?.[0];
  const parts = candidate?.content?.parts ?? [];
  if (parts.length === 0) seen.problems.push("an answer without parts");
  for (const part of parts) {
    if (part === null) continue;
    seen.parts.push(part);
    if (part.functionCall !== undefined) {
      const { id, name = "", args } = part.functionCall;
      seen.calls.push({ ...(id !== undefined && { id }), name, args });
    } else if (part.thought === true) seen.thoughts += part.text ?? "";
    else seen.text += part.text ?? "";
  }
  seen.finish = candidate?.finishReason ?? undefined;
  seen.grounding = candidate?.groundingMetadata ?? seen.grounding;
  if (answer.usageMetadata !== undefined) seen.usage = answer.usageMetadata as Record<string, unknown>;
};
