/** Answers that are not what they should be have one result, whichever dialect they came in (docs/router.md, "Odd answers"). */
import { describe, expect, it } from "vitest";
import { accumulate } from "../../support/accumulate.ts";
import { type End, type Odd, oddForms, type Part } from "../../support/odd-answers.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { rawProvider } from "../../support/provider/raw.ts";
import { testRouter } from "../../support/router.ts";
import { problemsOf } from "../../support/validate-anthropic-stream.ts";

closeAfterEach();

const paths = { "openai-chat": "/v1", "openai-responses": "/v1", gemini: "/v1beta", anthropic: "" } as const;
type Name = keyof typeof paths;
const names = Object.keys(paths) as Name[];

interface Seen {
  status: number;
  /** Kinds of the blocks, in order. */
  kinds: string[];
  text: string;
  thinking: string;
  calls: { name: unknown; input: unknown }[];
  stopReason: unknown;
  error: string | undefined;
}

const seenOf = (status: number, body: string, stream: boolean): Seen => {
  if (!body.startsWith("event:")) {
    const {
      content = [],
      stop_reason: stopReason,
      error,
    } = JSON.parse(body) as {
      content?: { type: string; [field: string]: unknown }[];
      stop_reason?: unknown;
      error?: { message: string };
    };
    const joined = (field: string): string =>
      content.map((block) => (typeof block[field] === "string" ? block[field] : "")).join("");
    return {
      status,
      kinds: content.map(({ type }) => type),
      text: joined("text"),
      thinking: joined("thinking"),
      calls: content.filter(({ type }) => type === "tool_use").map(({ name, input }) => ({ name, input })),
      stopReason,
      error: error?.message,
    };
  }
  expect(stream).toBe(true);
  const answer = accumulate(body);
  expect(problemsOf(answer.frames)).toEqual([]);
  return {
    status,
    kinds: answer.blocks.map(({ type }) => type),
    text: answer.text,
    thinking: answer.thinking,
    calls: answer.tools.map(({ name, input }) => ({ name, input })),
    stopReason: answer.stopReason,
    error: answer.error?.message,
  };
};

/** What the client gets of these bytes. */
const asked = async (dialect: Name, odd: Odd, stream: boolean, quirks = "{}"): Promise<Seen> => {
  const up = closing(
    await rawProvider((res) => {
      res.writeHead(200, { "content-type": stream ? "text/event-stream" : "application/json" });
      res.end(stream ? odd.stream : odd.whole);
    }),
  );
  const provider = `{ dialect: ${dialect}, baseUrl: "${up.url}${paths[dialect]}", keys: [], quirks: ${quirks} }`;
  const r = closing(await testRouter(`providers: { p: ${provider} }\nroutes: { default: "p,m" }`));
  const tools = [
    { name: "Bash", input_schema: { type: "object", properties: { command: { type: "string" } } } },
  ];
  const res = await r.ask({ stream, tools });
  return seenOf(res.status, await res.text(), stream);
};

const ways = names.flatMap((name) => [true, false].map((stream) => [name, stream] as const));
const bash = (args: string): Part => ({ call: "Bash", args });

describe.each(ways)("of %s (stream: %s)", (name, stream) => {
  const answered = (parts: Part[], end: End): Promise<Seen> =>
    asked(name, oddForms[name](parts, end), stream);

  it("an answer that is only reasoning is thinking and a regular end", async () => {
    expect(await answered([{ thinking: "hmm" }], "stop")).toMatchObject({
      kinds: ["thinking"],
      thinking: "hmm",
      stopReason: "end_turn",
    });
    expect((await answered([{ thinking: "hmm" }], "length")).stopReason).toBe("max_tokens");
  });

  it("a refusal keeps its words and says that it is one", async () => {
    expect(await answered([{ text: "I would rather" }], "filter")).toMatchObject({
      status: 200,
      text: "I would rather",
      stopReason: "refusal",
    });
    expect(await answered([], "filter")).toMatchObject({ kinds: [], stopReason: "refusal" });
  });

  it("a truncation inside a tool call is max_tokens, and nothing of the call looks meant", async () => {
    const { calls, stopReason } = await answered([bash('{"command":"rm -rf /tmp/x')], "length");
    expect(stopReason).toBe("max_tokens");
    expect(calls).toHaveLength(1);
    expect((calls[0]!.input as { command?: unknown }).command ?? null).toBeNull();
  });

  it("empty and blank text leaves no block", async () => {
    const seen = await answered([{ text: "\n\n" }, bash('{"command":"ls"}'), { text: "" }], "calls");
    expect(seen.kinds).toEqual(["tool_use"]);
    expect((await answered([{ text: "" }], "stop")).kinds).toEqual([]);
    expect((await answered([{ text: " \n" }], "stop")).kinds).toEqual([]);
  });

  it("a call is to be run though the provider says stop, and an end for calls without one is an ordinary end", async () => {
    expect(await answered([bash('{"command":"ls"}')], "stop")).toMatchObject({
      calls: [{ name: "Bash", input: { command: "ls" } }],
      stopReason: "tool_use",
    });
    expect((await answered([{ text: "Done." }], "calls")).stopReason).toBe("end_turn");
  });

  it("a call without arguments has none", async () => {
    expect((await answered([bash("")], "calls")).calls).toEqual([{ name: "Bash", input: {} }]);
  });
});

describe.each(["openai-chat", "openai-responses", "anthropic"] as const)("in a stream of %s", (name) => {
  it.each(["ls -l", "[1]"])(
    "arguments that are no object (%s) are none, or an error, never a call of something else",
    async (args) => {
      const seen = await asked(name, oddForms[name]([bash(args)], "calls"), true);
      if (seen.error === undefined) expect(seen.calls).toEqual([{ name: "Bash", input: {} }]);
      else expect(seen.stopReason).toBeUndefined();
    },
  );
});

describe.each(names)("in a stream of %s", (name) => {
  it("comments that only keep the connection alive are no part of the answer", async () => {
    const odd = oddForms[name]([{ text: "Hello." }], "stop");
    const commented = `: OPENROUTER PROCESSING\n\n${odd.stream.replaceAll("\n\n", "\n\n: keep-alive\n\n")}`;
    expect(await asked(name, { ...odd, stream: commented }, true)).toMatchObject({
      text: "Hello.",
      stopReason: "end_turn",
    });
  });

  it("a reason for the end that nobody knows does not lose the answer", async () => {
    const odd = oddForms[name]([{ text: "Hello." }], "stop");
    const other = odd.stream.replaceAll(/"(stop|STOP|end_turn)"/g, '"of_next_year"');
    expect((await asked(name, { ...odd, stream: other }, true)).text).toBe("Hello.");
  });
});

it.each(names)(
  "streams of a %s provider that are broken are not asked for, and the client gets one (noStream)",
  async (name) => {
    const odd = oddForms[name]([{ thinking: "hm" }, { text: "Hi." }, bash('{"command":"ls"}')], "calls");
    const up = closing(
      await rawProvider((res, { req, body }) => {
        const streamed = body.includes('"stream":true') || (req.url ?? "").includes("streamGenerate");
        res.writeHead(200, { "content-type": streamed ? "text/event-stream" : "application/json" });
        res.end(streamed ? "data: broken" : odd.whole);
      }),
    );
    const provider = `{ dialect: ${name}, baseUrl: "${up.url}${paths[name]}", keys: [], quirks: { noStream: true } }`;
    const r = closing(await testRouter(`providers: { p: ${provider} }\nroutes: { default: "p,m" }`));
    const res = await r.ask({ stream: true, tools: [{ name: "Bash", input_schema: { type: "object" } }] });
    expect(seenOf(res.status, await res.text(), true)).toMatchObject({
      kinds: ["thinking", "text", "tool_use"],
      calls: [{ name: "Bash", input: { command: "ls" } }],
      stopReason: "tool_use",
    });
  },
);

it("arguments that come as an object instead of a text are taken", async () => {
  const call = { id: "c", type: "function", function: { name: "Bash", arguments: { command: "ls" } } };
  const delta = { tool_calls: [{ index: 0, ...call }] };
  const choice = (field: string, said: object): string =>
    JSON.stringify({ choices: [{ index: 0, [field]: said, finish_reason: "tool_calls" }] });
  const odd = {
    stream: `data: ${choice("delta", delta)}\n\ndata: [DONE]\n\n`,
    whole: choice("message", { content: null, tool_calls: [call] }),
  };
  for (const stream of [true, false])
    expect((await asked("openai-chat", odd, stream)).calls).toEqual([
      { name: "Bash", input: { command: "ls" } },
    ]);
});

it("an end without a reason is an ordinary one where the stream says that it is done, and a cut where it does not", async () => {
  const odd = oddForms["openai-chat"]([{ text: "Hi." }], "stop");
  const none = odd.stream.replace('"finish_reason":"stop"', '"finish_reason":null');
  expect(await asked("openai-chat", { ...odd, stream: none }, true)).toMatchObject({
    text: "Hi.",
    stopReason: "end_turn",
  });
  const cut = await asked("openai-chat", { ...odd, stream: none.replace("data: [DONE]\n\n", "") }, true);
  expect(cut.error).toContain("finish reason");
});
