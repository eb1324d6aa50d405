/** What a recorded answer of Gemini must become. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Accumulated } from "../support/accumulate.ts";
import { at } from "../support/case-operators.ts";
import { recordingNotes } from "./recording-notes.ts";

export interface GeminiRecording {
  readonly id: string;
  readonly folder: string;
  readonly expected: {
    text: string;
    thinking: string;
    tool_uses: { upstream_id: string | null; name: string; input: unknown; note?: string }[];
    stop_reason_one_of?: string[] | null;
    usage: Record<string, number | null> | null;
  };
}

type Leaves = Record<string, unknown>;

/** A value as its leaves by JSON path: `{"$.a[0]": 1}`. */
const leavesOf = (value: unknown, path = "$"): Leaves => {
  if (typeof value !== "object" || value === null) return { [path]: value };
  const steps = Object.entries(value).map(
    ([name, inner]) => [Array.isArray(value) ? `[${name}]` : `.${name}`, inner] as const,
  );
  return Object.assign({}, ...steps.map(([step, inner]) => leavesOf(inner, path + step))) as Leaves;
};

/** The arguments of each call as leaves, joined here from what came in pieces: the accumulator left them out. */
const streamedLeaves = (folder: string): Leaves[] => {
  const calls: Leaves[] = [];
  for (const line of readFileSync(join(folder, "response.sse"), "utf8").split(/\r?\n/)) {
    if (!line.startsWith("data:")) continue;
    const parts = at(JSON.parse(line.slice(5)), "/candidates/0/content/parts");
    for (const part of Array.isArray(parts) ? (parts as unknown[]) : []) {
      if (at(part, "/functionCall/name") !== undefined) calls.push({});
      const call = calls.at(-1);
      const pieces = at(part, "/functionCall/partialArgs");
      if (call === undefined || !Array.isArray(pieces)) continue;
      for (const { jsonPath, stringValue, numberValue, boolValue } of pieces as Leaves[]) {
        const before = call[String(jsonPath)];
        call[String(jsonPath)] =
          typeof stringValue === "string"
            ? (typeof before === "string" ? before : "") + stringValue
            : (numberValue ?? boolValue ?? null);
      }
    }
  }
  return calls;
};

const checkTools = (answer: Accumulated, { folder, expected }: GeminiRecording): void => {
  const calls = expected.tool_uses;
  expect(answer.tools.map((tool) => tool.name)).toEqual(calls.map((call) => call.name));
  expect(new Set(answer.tools.map((tool) => tool.id)).size).toBe(calls.length);
  const inPieces = calls.some((call) => call.note?.includes("partialArgs") === true);
  if (inPieces && existsSync(join(folder, "response.sse"))) {
    const inputs = answer.tools.map(({ input }) => (JSON.stringify(input) === "{}" ? {} : leavesOf(input)));
    expect(inputs).toEqual(streamedLeaves(folder));
  } else expect(answer.tools.map((tool) => tool.input)).toEqual(calls.map((call) => call.input ?? {}));
  for (const [i, call] of calls.entries())
    if (call.upstream_id !== null) expect(answer.tools[i]!.id).toBe(call.upstream_id);
};

export const checkGemini = (answer: Accumulated, recording: GeminiRecording): void => {
  const { expected } = recording;
  expect(answer.error).toBeUndefined();
  expect(answer.text).toBe(expected.text.trim() === "" ? "" : expected.text);
  expect(answer.thinking).toBe(expected.thinking);
  checkTools(answer, recording);
  expect(expected.stop_reason_one_of).toContain(answer.stopReason);
  const usage = expected.usage ?? {};
  expect(answer.usage).toMatchObject({
    input_tokens: usage["anthropic_input_tokens"],
    cache_read_input_tokens: usage["cachedContentTokenCount"],
    output_tokens:
      recordingNotes[recording.id]?.outputTokens ??
      (usage["candidatesTokenCount"] ?? 0) + (usage["thoughtsTokenCount"] ?? 0),
  });
};
