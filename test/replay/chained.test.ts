/**
 * Recorded answers as the history of the next turn: what a real provider said, with results behind its calls, goes to a provider of each dialect.
 * Its own gets its real ids, signatures and encrypted reasoning back; no other sees any of them, and each takes the request.
 */
import { describe, expect, test } from "vitest";
import type { ContentBlock, MessagesRequest } from "../../src/protocol/anthropic.ts";
import { MessageCollector } from "../../src/router/sinks/message-collector.ts";
import { withFolder } from "../support/data-folders.ts";
import { missingWords, readRequest } from "../support/readers.ts";
import { randomly } from "../support/rechunk.ts";
import { dialectOfFormat, hasFile, recordingsIn, textOfFile, type Recording } from "../support/recordings.ts";
import { contextOf, httpDialect, refusalsOf, sentTo, type Target, targets } from "../support/targets.ts";

/** The target that answered the recording, with its own model, so that what it signed is its own. */
const originOf = (recording: Recording): Target => {
  const target = targets.find((one) => one.dialect === dialectOfFormat[recording.format])!;
  const keeps = { sendReasoning: "reasoning_details" as const };
  return target.dialect === "openai-chat"
    ? { ...target, quirks: { ...target.quirks, ...keeps }, rules: { messageFields: ["reasoning_details"] } }
    : target;
};

/** The blocks that the client keeps; undefined where the provider failed. */
const answerOf = (recording: Recording): ContentBlock[] | undefined => {
  const target = originOf(recording);
  const context = contextOf(target, "origin");
  const sink = new MessageCollector("m");
  if (hasFile(recording, "response.sse")) {
    const decoder = httpDialect(target.dialect).decodeStream(sink, context);
    for (const chunk of randomly(Buffer.from(textOfFile(recording, "response.sse")), 9)) decoder.push(chunk);
    decoder.end();
  } else
    httpDialect(target.dialect).decodeMessage(
      JSON.parse(textOfFile(recording, "response.json")),
      sink,
      context,
    );
  return sink.failure === undefined ? sink.message().content : undefined;
};

/** The next turn: a result for each call, or another question. */
const nextTurn = (content: ContentBlock[]): MessagesRequest => {
  const results = content
    .filter((block) => block.type === "tool_use")
    .map(({ id }): ContentBlock => ({ type: "tool_result", tool_use_id: id, content: `result of ${id}` }));
  return {
    model: "m",
    max_tokens: 8000,
    messages: [
      { role: "user", content: "Begin." },
      { role: "assistant", content },
      { role: "user", content: results.length > 0 ? results : "Go on." },
    ],
    tools: [...new Set(content.flatMap((block) => (block.type === "tool_use" ? [block.name] : [])))].map(
      (name) => ({ name, input_schema: { type: "object", properties: {} } }),
    ),
  };
};

/** Every opaque value of an answer: its provider knows them, and nobody else. Short ones stand elsewhere by chance. */
const opaqueIn = (recording: Recording): Set<string> => {
  const raw = textOfFile(recording, hasFile(recording, "response.sse") ? "response.sse" : "response.json");
  const found = raw.matchAll(
    /"(?:signature|thoughtSignature|thought_signature|encrypted_content|data)"\s*:\s*"([^"]{8,})"/g,
  );
  return new Set([...found].map((match) => match[1]!));
};

withFolder("RECORDINGS", "recorded answers as the history of the next turn", (root) => {
  const all = recordingsIn(root)
    .filter(({ status }) => status < 400)
    .flatMap((recording) => {
      const content = answerOf(recording);
      return content === undefined || content.length === 0 ? [] : [{ recording, content }];
    });

  test("nearly all recorded answers can be a turn of a conversation", () => {
    const answered = recordingsIn(root).filter(({ status }) => status < 400).length;
    expect(all.length).toBeGreaterThan(answered * 0.85);
  });

  describe.each(targets.map((target) => [target.name, target] as const))("%s", (_, target) => {
    test.each(all.map((one) => [one.recording.id, one] as const))(
      "takes what %s answered",
      (id, { recording, content }) => {
        const request = nextTurn(content);
        const body = sentTo(target, request, "another");
        // Anthropic's own signatures bear no envelope: sessions without the router have them, so Anthropic gets them from anywhere.
        const isAnthropic = target.name === "Anthropic" && recording.format === "anthropic";
        expect(refusalsOf(target, body, isAnthropic ? opaqueIn(recording) : new Set())).toEqual([]);
        const said = readRequest(target.dialect, body);
        const wanted = readRequest("anthropic", request);
        expect(said.calls.map(({ name, input }) => ({ name, input }))).toEqual(
          wanted.calls.map(({ name, input }) => ({ name, input })),
        );
        expect(said.results).toEqual(wanted.results);
        expect(missingWords(said, wanted)).toEqual([]);
        if (!isAnthropic)
          for (const value of opaqueIn(recording)) expect(JSON.stringify(body), id).not.toContain(value);
      },
    );
  });

  test.each(all.map((one) => [one.recording.id, one] as const))(
    "%s: its provider gets back what it signed, as it came",
    (_, { recording, content }) => {
      const target = originOf(recording);
      const issued = opaqueIn(recording);
      const body = sentTo(target, nextTurn(content), "origin");
      const rules = { ...target.rules, plainReasoning: issued.size === 0 };
      expect(refusalsOf({ ...target, rules }, body, issued)).toEqual([]);
      const carried = JSON.stringify(content).includes("switchyard.reasoning:");
      if (carried && issued.size > 0)
        expect([...issued].some((value) => JSON.stringify(body).includes(value))).toBe(true);
      expect(JSON.stringify(body)).not.toContain("switchyard.");
    },
  );
});
