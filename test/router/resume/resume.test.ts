/** `server.resume`: a turn that breaks off after its first content goes on at the next target, for every dialect and every client. */
import { describe, expect, test } from "vitest";
import { accumulate } from "../../support/accumulate.ts";
import { entryOf, failing, refusal, turnLines } from "../../support/attempts.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { chat, provider, respond, router } from "../../support/openai-router.ts";
import { chatSummary, responsesSummary } from "../../support/openai-streams.ts";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { rawProvider } from "../../support/provider/raw.ts";
import { formOf } from "../../support/provider/server.ts";
import type { TestRouter } from "../../support/router.ts";
import { framesOf, problemsOf } from "../../support/validate-anthropic-stream.ts";

closeAfterEach();

/** Its first piece of seven characters ends with a blank. */
const whole = "Eleven two three, four five six – ✓ seven eight nine.";
/** One event; Gemini's lines end with CR LF. */
const frame = /[\s\S]*?(?:\r?\n){2}/g;
const call = { name: "read", input: { path: "a.txt" }, id: "call_a" };
const paths = {
  anthropic: "",
  "openai-chat": "/v1",
  "openai-responses": "/v1",
  gemini: "/v1beta",
} as const;
type Name = keyof typeof paths;

/** A provider that sends so many events of an answer, and hangs up. */
const dying = async (dialect: Name, answer: ScriptedAnswer, events: () => number) =>
  closing(
    await rawProvider((res, { req }) => {
      const frames =
        formOf(req.url ?? "")
          .stream(answer, "m")
          .match(frame) ?? [];
      res.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      res.write(frames.slice(0, events()).join(""), () => setTimeout(() => res.destroy(), 2));
    }),
  );

/** How many events an answer has in a dialect's form. */
const eventsOf = (dialect: Name, answer: ScriptedAnswer): number => {
  const url = {
    anthropic: "/v1/messages",
    "openai-chat": "/chat/completions",
    "openai-responses": "/responses",
    gemini: ":streamGenerateContent",
  }[dialect];
  return formOf(url).stream(answer, "m").match(frame)!.length;
};

interface Begun {
  messages: { role: string; content: string | { text: string }[] }[];
}
const textOf = (content: Begun["messages"][number]["content"]): string =>
  typeof content === "string" ? content : content.map(({ text }) => text).join("");

/** Says all of the answer that is not in its request already. */
const goingOn = (answer: ScriptedAnswer) =>
  provider(({ body }) => {
    const last = (body as unknown as Begun).messages.at(-1)!;
    const said = last.role === "assistant" ? textOf(last.content) : "";
    expect(answer.text?.startsWith(said)).toBe(true);
    return { ...answer, ...(answer.text !== undefined && { text: answer.text.slice(said.length) }) };
  });

const config = (dialect: Name, first: { url: string }, second: { url: string }): string[] => [
  "server: { resume: true }",
  "providers:",
  `  a: { dialect: ${dialect}, baseUrl: "${first.url}${paths[dialect]}", keys: [], failures: { tries: 1, breakAfter: 99 } }`,
  entryOf("b", second, "quirks: { prefix: plain }"),
  'routes: { default: ["a,m", "b,m"] }',
];

const tools = [{ name: "read", input_schema: { type: "object", properties: { path: { type: "string" } } } }];
const chatTools = [{ type: "function", function: { name: "read", parameters: tools[0]!.input_schema } }];

/** What each client makes of its stream: its problems, the text, the calls. */
const clients: Record<
  string,
  (r: TestRouter) => Promise<{ problems: unknown[]; text: string; calls: string[] }>
> = {
  Anthropic: async (r) => {
    const sse = await (await r.ask({ stream: true, tools })).text();
    const { text, tools: called, error } = accumulate(sse);
    return {
      problems: [...problemsOf(framesOf(sse)), ...(error === undefined ? [] : [error])],
      text,
      calls: called.map(({ name, input }) => `${name} ${JSON.stringify(input)}`),
    };
  },
  "Chat Completions": async (r) => {
    const sse = await (await chat(r, { stream: true, tools: chatTools })).text();
    const seen = chatSummary(sse, { includeUsage: false });
    return {
      problems: [...seen.problems, ...(seen.error === undefined ? [] : [seen.error])],
      text: seen.content,
      calls: seen.tool_calls.map((each) => `${each.name} ${each.arguments}`),
    };
  },
  Responses: async (r) => {
    const flat = [{ type: "function", name: "read", parameters: tools[0]!.input_schema }];
    const sse = await (await respond(r, { stream: true, tools: flat })).text();
    const seen = responsesSummary(sse);
    return {
      problems: [...seen.problems, ...(seen.error === undefined ? [] : [seen.error])],
      text: seen.text,
      calls: seen.output
        .filter(({ type }) => type === "function_call")
        .map((item) => `${String(item["name"])} ${String(item["arguments"])}`),
    };
  },
};

const dialects = Object.keys(paths) as Name[];
const forms = dialects.flatMap((dialect) => Object.keys(clients).map((client) => [dialect, client] as const));

describe.each(forms)("a stream of %s to a client of %s that breaks off", (dialect, client) => {
  test.each([
    ["text", { text: whole }],
    ["thinking and text", { reasoning: "First I think – hard.", text: whole }],
  ])("in %s, behind any event, is whole in the end, with nothing twice", async (_name, answer) => {
    const events = eventsOf(dialect, answer);
    let at = 0;
    const first = await dying(dialect, answer, () => at);
    const r = await router(...config(dialect, first, await goingOn(answer)));
    for (; at < events; at++) {
      const seen = await clients[client]!(r);
      expect(first.bodies).toHaveLength(at + 1);
      expect({ at, ...seen }).toEqual({ at, problems: [], text: whole, calls: [] });
    }
  });

  test("in text and calls makes no call twice, and none in part", async () => {
    const answer = { text: whole, tools: [call, { ...call, input: { path: "ü.txt" }, id: "call_b" }] };
    const all = ['read {"path":"a.txt"}', 'read {"path":"ü.txt"}'];
    const events = eventsOf(dialect, answer);
    let at = 0;
    const first = await dying(dialect, answer, () => at);
    const r = await router(...config(dialect, first, await goingOn(answer)));
    for (; at < events; at++) {
      const { problems, text, calls } = await clients[client]!(r);
      expect(first.bodies).toHaveLength(at + 1);
      expect({ at, problems, text }).toEqual({ at, problems: [], text: whole });
      expect({ at, calls }).toEqual({ at, calls: all.slice(0, Math.max(1, calls.length)) });
    }
  });
});

describe("a turn that breaks off in its text", () => {
  const half = 5;
  const begun = () => dying("openai-chat", { text: whole }, () => half);

  test("ends with an error event where no target goes on with an answer", async () => {
    const [a, b] = [await begun(), await failing({ text: "other" })];
    const r = await router(
      "server: { resume: true }",
      "providers:",
      entryOf("a", a, "failures: { tries: 1 }"),
      entryOf("b", b),
      'routes: { default: ["a,m", "b,m"] }',
    );
    const sse = await (await r.ask({ stream: true })).text();
    expect(problemsOf(framesOf(sse))).toEqual([]);
    expect(accumulate(sse).error?.message).toContain("ended the answer");
    expect(b.requests).toHaveLength(0);
    expect(turnLines(r)[0]).toMatchObject({ outcome: "cut" });
  });

  test("and so it does where the one that would is down", async () => {
    const [a, b] = [await begun(), await failing(refusal(404, "no such model"))];
    const r = await router(...config("openai-chat", a, b));
    const sse = await (await r.ask({ stream: true })).text();
    expect(problemsOf(framesOf(sse))).toEqual([]);
    expect(accumulate(sse).error?.message).toContain("no such model");
  });

  test("is continued by a Claude that takes a beginning, not by one that refuses it; nothing is counted twice", async () => {
    const refusing = await failing({ text: "other" });
    const claude = await provider(({ body }) => {
      const said = textOf((body as unknown as Begun).messages.at(-1)!.content);
      return { text: whole.slice(said.length), usage: { prompt: 70, completion: 8 } };
    });
    const like = (name: string, { url }: { url: string }): string =>
      `  ${name}: { dialect: anthropic, baseUrl: "${url}", keys: [] }`;
    const r = await router(
      "server: { resume: true }",
      "providers:",
      entryOf("a", await begun(), "failures: { tries: 1 }"),
      like("b", refusing),
      like("c", claude),
      'routes: { think: ["a,m", "b,claude-opus-4-6", "c,claude-sonnet-4-5"], default: "a,m" }',
    );
    const seen = accumulate(
      await (
        await r.ask({ stream: true, thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 4000 })
      ).text(),
    );
    expect([seen.text, seen.error]).toEqual([whole, undefined]);
    expect(seen.usage).toMatchObject({ input_tokens: 70, output_tokens: 8 });
    expect(refusing.requests).toHaveLength(0);
    const { messages, thinking } = claude.requests[0]!.body as unknown as Begun & { thinking: unknown };
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(thinking).toEqual({ type: "disabled" });
    expect(turnLines(r)[0]).toMatchObject({
      target: "c,claude-sonnet-4-5",
      outcome: "done",
      input: 70,
      output: 8,
    });
  });

  test("is continued at the same target, where that takes a beginning", async () => {
    const answer = { text: whole };
    const up = await provider(({ body }) => {
      const last = (body as unknown as Begun).messages.at(-1)!;
      return last.role === "assistant"
        ? { text: whole.slice(textOf(last.content).length) }
        : { ...answer, cutAfter: 900 };
    });
    const fields = "quirks: { prefix: prefix }, failures: { wait: { first: 1ms, longest: 1ms } }";
    const r = await router(
      "server: { resume: true }",
      "providers:",
      entryOf("a", up, fields),
      'routes: { default: "a,m" }',
    );
    expect(accumulate(await (await r.ask({ stream: true })).text()).text).toBe(whole);
    expect(up.requests[1]?.body.messages?.at(-1)).toMatchObject({ role: "assistant", prefix: true });
  });
});
