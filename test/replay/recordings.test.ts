/** Real traffic of many providers, read in place through RECORDINGS, cut anew at every kind of boundary. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { anthropic } from "../../src/router/dialects/anthropic/index.ts";
import type { Message } from "../../src/protocol/anthropic.ts";
import type { HttpDialect } from "../../src/router/dialects/dialect.ts";
import { gemini } from "../../src/router/dialects/gemini/index.ts";
import { openaiChat } from "../../src/router/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../src/router/dialects/openai-responses/index.ts";
import { fromClientToolId } from "../../src/router/dialects/shared/tool-ids.ts";
import { MessageCollector } from "../../src/router/sinks/message-collector.ts";
import { WholeEvents } from "../../src/router/turn/answers/whole-events.ts";
import { accumulate, type Accumulated } from "../support/accumulate.ts";
import { at } from "../support/case-operators.ts";
import { withFolder } from "../support/data-folders.ts";
import {
  decodeStreamed,
  decodeWhole,
  decodeWholeAsStream,
  dialectContext,
} from "../support/dialect-context.ts";
import * as cut from "../support/rechunk.ts";
import { problemsOf } from "../support/validate-anthropic-stream.ts";
import { checkGemini } from "./check-gemini.ts";
import { recordingNotes } from "./recording-notes.ts";

interface Expected {
  text: string;
  thinking: string;
  tool_uses: { upstream_id: string | null; name: string; input: unknown; custom_input?: string }[];
  stop_reason_one_of?: string[] | null;
  stop_reason?: string;
  refusal?: string | null;
  web_search_calls?: number;
  usage: Record<string, number | null> | null;
  error: { message?: string; metadata?: { raw?: string } } | null;
}

interface Recording {
  id: string;
  folder: string;
  meta: { http_status: number; streaming: boolean };
  expected: Expected;
}

/** These three break the rules of a stream themselves, as the collector found; the text of what they say must still come out. */
const brokenThemselves = new Set(["anthropic/anthropic-sdk-incomplete-partial-json-response"]);

const json = (path: string): unknown => JSON.parse(readFileSync(path, "utf8")) as unknown;

const recordingsOf = (root: string, format: string): Recording[] =>
  (json(join(root, "index.json")) as { id: string; format: string }[])
    .filter((entry) => entry.format === format)
    .map(({ id }) => {
      const folder = join(root, id);
      const meta = json(join(folder, "meta.json")) as Recording["meta"];
      return { id, folder, meta, expected: json(join(folder, "expected.json")) as Expected };
    });

/** The ways in which one body is cut: all must give the same answer. */
const cuts = (bytes: Buffer): [how: string, chunks: Buffer[]][] => {
  const ways: [string, Buffer[]][] = [
    ["in one piece", [bytes]],
    ["byte by byte", cut.everyByte(bytes)],
    ["at line ends", cut.atLines(bytes)],
    ["inside of characters", cut.insideCharacters(bytes)],
    ["with CRLF, byte by byte", cut.everyByte(cut.withCrLf(bytes))],
    ["with comments", cut.randomly(cut.withComments(bytes), 7)],
  ];
  for (let seed = 1; seed <= 4; seed++)
    ways.push([`at random, seed ${seed}`, cut.randomly(bytes, seed, seed * 40)]);
  return ways;
};

const withoutIds = (answer: Accumulated): unknown => ({
  blocks: answer.blocks.map(({ id, ...block }) => ({
    ...block,
    start: block.start["type"],
    id: fromClientToolId(String(id)).replace(/^call_[0-9a-f]{24}$/, "new"),
  })),
  stop: [answer.stopReason, answer.stopSequence],
  usage: answer.usage,
  error: answer.error,
});

const checkTools = (tools: Accumulated["tools"], expected: Expected): void => {
  // A call without a name cannot be run; one server sends such a leftover after each real call.
  const named = expected.tool_uses.filter((tool) => tool.name !== "");
  expect(tools.map(({ name, input }) => ({ name, input }))).toEqual(
    named.map(({ name, input, custom_input: words }) => ({
      name,
      input: input ?? (words === undefined ? {} : { input: words }),
    })),
  );
  for (const [i, tool] of named.entries()) {
    if (tool.upstream_id) expect(fromClientToolId(tools[i]!.id)).toBe(tool.upstream_id);
    else expect(tools[i]!.id).toMatch(/^[\w-]+$/);
  }
};

const checkChatUsage = (usage: Record<string, unknown>, recording: Recording): void => {
  const expected = recording.expected.usage;
  if (expected === null) return;
  const note = recordingNotes[recording.id];
  const read = note?.cacheRead ?? expected["cached_tokens"] ?? 0;
  expect(usage["output_tokens"]).toBe(note?.outputTokens ?? expected["completion_tokens"]);
  expect(usage["cache_read_input_tokens"]).toBe(read);
  // The accumulator leaves cache writes inside of the input.
  const written = Number(usage["cache_creation_input_tokens"]);
  expect(Number(usage["input_tokens"]) + written).toBe(Number(expected["prompt_tokens"]) - read);
};

/** The accumulator joins the parts of a summary without anything between them; a reader sees them as paragraphs. */
const withoutGaps = (text: string): string => text.replaceAll("\n\n", "");

const checkContent = (answer: Accumulated, { id, expected }: Recording): void => {
  // White space with nothing else is no text block: Anthropic refuses it for good once it stands in the history.
  const said = expected.text + (expected.refusal ?? "");
  expect(answer.text).toBe(said.trim() === "" ? "" : said);
  if (id.startsWith("openai_responses/"))
    expect(withoutGaps(answer.thinking)).toBe(withoutGaps(expected.thinking));
  else expect(answer.thinking).toBe(expected.thinking);
  checkTools(answer.tools, expected);
};

const checkChat = (answer: Accumulated, recording: Recording): void => {
  checkContent(answer, recording);
  const failed = recordingNotes[recording.id]?.error ?? recording.expected.error?.message;
  if (failed !== undefined) {
    expect(answer.error?.message).toContain(failed);
    expect(answer.stopReason).toBeUndefined();
    return;
  }
  expect(answer.error).toBeUndefined();
  expect(recording.expected.stop_reason_one_of ?? []).toContain(answer.stopReason);
  checkChatUsage(answer.usage, recording);
};

const checkResponses = (answer: Accumulated, recording: Recording): void => {
  const { expected } = recording;
  checkContent(answer, recording);
  expect(answer.error?.message).toBe(expected.error?.message);
  if (expected.error !== null) return;
  expect(expected.stop_reason_one_of ?? []).toContain(answer.stopReason);
  const { input_tokens, output_tokens, cached_tokens, anthropic_input_tokens } = expected.usage ?? {};
  expect(answer.usage).toMatchObject({ output_tokens, cache_read_input_tokens: cached_tokens });
  expect(answer.usage["input_tokens"]).toBe(anthropic_input_tokens);
  expect(Number(answer.usage["input_tokens"]) + Number(answer.usage["cache_read_input_tokens"])).toBe(
    input_tokens,
  );
  // Not every step of a search is one: pages are opened as well.
  const searches = answer.blocks.filter((block) => block.type === "server_tool_use").length;
  expect(searches).toBe(at(answer.usage, "/server_tool_use/web_search_requests") ?? 0);
  expect(searches > 0).toBe((expected.web_search_calls ?? 0) > 0);
};

const checkAnthropic = (answer: Accumulated, recording: Recording): void => {
  if (!brokenThemselves.has(recording.id)) checkContent(answer, recording);
  expect(answer.stopReason).toBe(recording.expected.stop_reason);
  for (const [field, value] of Object.entries(recording.expected.usage ?? {}))
    expect([field, answer.usage[field]]).toEqual([field, value]);
};

const replayStream = (
  dialect: HttpDialect,
  recording: Recording,
  check: (answer: Accumulated, recording: Recording) => void,
): void => {
  const bytes = answersIn(recording).at(-1)!;
  let first: unknown;
  for (const [how, chunks] of cuts(bytes)) {
    const answer = accumulate(decodeStreamed(dialect, chunks, { dialect: dialect.name }));
    if (!brokenThemselves.has(recording.id))
      expect(
        problemsOf(answer.frames).filter((problem) => !beforeStart(answer, problem)),
        how,
      ).toEqual([]);
    check(answer, recording);
    first ??= withoutIds(answer);
    expect(withoutIds(answer), how).toEqual(first);
  }
};

/** The bytes of a stream. One recording holds the answers of four turns; the accumulator took the last. */
const answersIn = (recording: Recording): Buffer[] => {
  const bytes = readFileSync(join(recording.folder, "response.sse"));
  const starts = [
    ...bytes
      .toString("latin1")
      .matchAll(/^(?:event: response\.created\r?\n)?data: \{"type":"response\.created"/gm),
  ];
  const offsets = starts.slice(1).map((match) => match.index);
  return cut.cutAt(bytes, offsets);
};

/** The same answer where the provider wants its reasoning back: the details travel beside, and change nothing of what is seen. */
const replayKeepingReasoning = (recording: Recording): void => {
  const chunks = cut.randomly(readFileSync(join(recording.folder, "response.sse")), 11);
  const quirks = { sendReasoning: "reasoning_details" as const };
  const answer = accumulate(decodeStreamed(openaiChat, chunks, { quirks }));
  expect(problemsOf(answer.frames).filter((problem) => !beforeStart(answer, problem))).toEqual([]);
  checkChat(answer, recording);
};

/** Anthropic itself passes as bytes: what the router sees of it by the way is the same at every cut. */
const watch = (recording: Recording): void => {
  const context = dialectContext({ dialect: "anthropic", quirks: { rawStream: true } });
  for (const [how, chunks] of cuts(readFileSync(join(recording.folder, "response.sse")))) {
    const tap = anthropic.tap?.(context);
    if (tap === undefined) throw new Error("there is nothing that watches");
    const events = new WholeEvents();
    for (const chunk of chunks) {
      const whole = events.push(chunk);
      if (whole !== undefined) tap.push(whole);
    }
    tap.push(events.rest());
    tap.end();
    expect([tap.started, tap.failure, tap.stopReason], how).toEqual([
      true,
      undefined,
      recording.expected.stop_reason,
    ]);
    for (const [field, value] of Object.entries(recording.expected.usage ?? {}))
      expect([how, field, tap.usage?.[field]]).toEqual([how, field, value]);
  }
};

/** An error may come before anything else: then there is no message_start, and none is needed. */
const beforeStart = (answer: Accumulated, problem: string): boolean =>
  answer.types[0] === "error" && problem.startsWith("error before");

const replayWhole = (dialect: HttpDialect, recording: Recording): Accumulated => {
  const body = json(join(recording.folder, "response.json"));
  const answer = accumulate(decodeWholeAsStream(dialect, body, { dialect: dialect.name }));
  expect(problemsOf(answer.frames)).toEqual([]);
  const whole = decodeWhole(dialect, body, { dialect: dialect.name });
  if (!("message" in whole)) throw new Error(`it failed: ${whole.failure.message}`);
  expect(whole.message.stop_reason).toBe(answer.stopReason);
  expect(whole.message.content.map((block) => block.type)).toEqual(answer.blocks.map((block) => block.type));
  return answer;
};

const checkError = (dialect: HttpDialect, recording: Recording): void => {
  const body = readFileSync(join(recording.folder, "response.json"), "utf8");
  const failure = dialect.decodeError(recording.meta.http_status, {}, body);
  expect(failure.status).toBe(recording.meta.http_status);
  expect(failure.message).toContain(recording.expected.error?.message);
  expect(failure.message).toContain(recording.expected.error?.metadata?.raw ?? "");
};

withFolder("RECORDINGS", "recorded answers of every format that a dialect reads", (root) => {
  const formats = [
    ["openai_chat", openaiChat, checkChat],
    ["anthropic", anthropic, checkAnthropic],
    ["openai_responses", openaiResponses, checkResponses],
    ["gemini", gemini, checkGemini],
  ] as const;
  for (const [format, dialect, check] of formats) {
    const all = recordingsOf(root, format);
    const answered = all.filter((recording) => recording.meta.http_status < 400);
    const streams = answered.filter((recording) => existsSync(join(recording.folder, "response.sse")));
    const whole = answered.filter((recording) => !streams.includes(recording));
    const refused = all.filter((recording) => recording.meta.http_status >= 400);

    describe(`${format}: real traffic reaches the client whole`, () => {
      test("there are recordings of every kind", () => {
        expect(Math.min(streams.length, whole.length)).toBeGreaterThan(0);
        expect(refused.length > 0).toBe(format !== "openai_responses");
      });
      test.each(streams.map((recording) => [recording.id, recording] as const))(
        "stream %s",
        (_, recording) => {
          replayStream(dialect, recording, check);
          if (dialect === openaiChat) replayKeepingReasoning(recording);
          else if (dialect === anthropic) watch(recording);
        },
      );
      test.each(whole.map((recording) => [recording.id, recording] as const))("answer %s", (_, recording) => {
        check(replayWhole(dialect, recording), recording);
      });
      test.each(refused.map((recording) => [recording.id, recording] as const))(
        "error %s",
        (_, recording) => {
          checkError(dialect, recording);
        },
      );
    });
  }

  const turns = "openai_responses/openai-vercel-openai-reasoning-encrypted-content.1";
  test(`${turns}: every turn reaches the client, and its encrypted reasoning goes back as it came`, () => {
    const recording = recordingsOf(root, "openai_responses").find(({ id }) => id === turns);
    const answers = answersIn(recording!).map((bytes) => {
      const sink = new MessageCollector("m");
      const decoder = openaiResponses.decodeStream(sink, dialectContext({ dialect: "openai-responses" }));
      for (const chunk of cut.randomly(bytes, 5)) decoder.push(chunk);
      decoder.end();
      return sink.message().content;
    });
    expect(answers.map((content) => content.map((block) => block.type))).toEqual([
      ["thinking", "tool_use"],
      ["tool_use"],
      ["tool_use"],
      ["text"],
    ]);
    const messages: Message[] = answers.flatMap((content) => [
      { role: "assistant", content },
      ...content.flatMap((block) =>
        block.type === "tool_use"
          ? [
              {
                role: "user" as const,
                content: [{ type: "tool_result" as const, tool_use_id: block.id, content: "1" }],
              },
            ]
          : [],
      ),
    ]);
    const context = dialectContext({ dialect: "openai-responses" });
    const { input } = JSON.parse(String(openaiResponses.encode({ model: "m", messages }, context).body)) as {
      input: { type: string; encrypted_content?: string }[];
    };
    const sent = readFileSync(join(recording!.folder, "response.sse"), "utf8");
    const done = /"type":"response\.output_item\.done".*?"encrypted_content":"([^"]+)"/.exec(sent)?.[1];
    expect(input[0]).toMatchObject({ type: "reasoning", encrypted_content: done });
    expect(input.map((item) => item.type)).toEqual([
      "reasoning",
      ...Array.from({ length: 3 }, () => ["function_call", "function_call_output"]).flat(),
      "message",
    ]);
  });

  const ended = recordingsOf(root, "openai_chat").filter((recording) =>
    existsSync(join(recording.folder, "response.sse")),
  );
  test.each(ended.map((recording) => [recording.id, recording] as const))(
    "without [DONE], %s ends as it does with it where a finish reason was there, and as cut where none was",
    (_, recording) => {
      const bytes = cut.withoutDone(readFileSync(join(recording.folder, "response.sse")));
      expect(bytes.includes("[DONE]")).toBe(false);
      const answer = accumulate(decodeStreamed(openaiChat, cut.randomly(bytes, 3)));
      expect(problemsOf(answer.frames)).toEqual([]);
      const finish = (recording.expected as { upstream_finish?: string | null }).upstream_finish;
      if (recording.expected.error === null && finish) checkChat(answer, recording);
      else expect(answer.error).toBeDefined();
    },
  );
});
