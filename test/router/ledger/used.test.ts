/** What a turn used is what its providers reported, call by call, whatever became of each: reckoned by hand here. */
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { StoredTurn, TurnsAnswer } from "../../../src/router/ledger/queries.ts";
import type { UsageAnswer } from "../../../src/shared/usage.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { rawProvider } from "../../support/provider/raw.ts";
import { smallRequest, testRouter, type TestRouter } from "../../support/router.ts";

closeAfterEach();

const sse = { "content-type": "text/event-stream" };
const event = (of: object): string =>
  `${"type" in of ? `event: ${String(of.type)}\n` : ""}data: ${JSON.stringify(of)}\n\n`;
const events = (...all: object[]): string => all.map(event).join("");

const messageStart = (usage: object): object => ({
  type: "message_start",
  message: { type: "message", role: "assistant", content: [], usage },
});
const anthropicText = [
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Half a " } },
];
const anthropicEnd = (usage: object): object[] => [
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage },
  { type: "message_stop" },
];
const said = (content: string, more: object = {}): object => ({
  choices: [{ index: 0, delta: { role: "assistant", content } }],
  ...more,
});

/** Answers with these parts and ends, or keeps the connection: then the client leaves. */
const answering =
  (text: string, end = true) =>
  (res: ServerResponse): void => {
    res.writeHead(200, sse).write(text);
    if (end) res.end();
  };

interface Asked {
  readonly turn: StoredTurn;
  readonly usage: UsageAnswer;
  readonly router: TestRouter;
}

const provider = async (
  name: string,
  dialect: string,
  answer: (res: ServerResponse) => void,
): Promise<string> => {
  const { url } = closing(await rawProvider(answer));
  return `  ${name}: { dialect: ${dialect}, baseUrl: "${url}", keys: [], failures: { tries: 1 } }`;
};

/** Of c nobody knows one. */
const prices: Readonly<Record<string, string>> = {
  a: '  "a,m": { price: { input: 10, output: 100, cacheRead: 1, cacheWrite: 20, cacheWrite1h: 40, above: [{ tokens: 1000, input: 30, output: 200 }] } }',
  b: '  "b,m": { price: { input: 2, output: 4 } }',
};
const budgets = `budgets:
  - { name: all, limit: 100, per: month }
  - { name: each, scope: provider, limit: 100, per: month }
`;

/** @param leave the client goes once it has read something */
const ask = async (providers: readonly string[], targets: string, leave = false): Promise<Asked> => {
  const priced = Object.entries(prices).flatMap(([name, line]) =>
    targets.includes(`"${name},`) ? line : [],
  );
  const yaml = ["providers:", ...providers, `routes: { default: ${targets} }`, "models:", ...priced, budgets];
  const router = closing(await testRouter(yaml.join("\n")));
  const gone = new AbortController();
  const res = await fetch(`${router.url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...smallRequest, stream: true }),
    signal: gone.signal,
  });
  if (leave) {
    await res.body!.getReader().read();
    gone.abort();
  } else await res.text();
  const of = async <Answer>(path: string): Promise<Answer> =>
    (await (await fetch(`${router.url}${path}`, { headers: router.admin })).json()) as Answer;
  for (;;) {
    const { turns } = await of<TurnsAnswer>("/api/turns");
    if (turns.length === 0) continue;
    const turn = await of<StoredTurn>(`/api/turns/${turns[0]!.id}`);
    return { turn, usage: await of<UsageAnswer>("/api/usage?by=model"), router };
  }
};

const budgetsOf = async ({ router }: Asked): Promise<Record<string, [number, number]>> => {
  const res = await fetch(`${router.url}/api/budgets`, { headers: router.admin });
  const { budgets } = (await res.json()) as {
    budgets: { budget: string; of: string | null; spent: number; unpriced: number }[];
  };
  return Object.fromEntries(
    budgets.map(({ budget, of, spent, unpriced }) => [of ?? budget, [Number(spent.toFixed(9)), unpriced]]),
  );
};

describe("a turn that the client leaves", () => {
  it("has used what the head of the message said, at the least", async () => {
    const usage = {
      input_tokens: 500,
      output_tokens: 1,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_1h_input_tokens: 10 },
    };
    const a = await provider(
      "a",
      "anthropic",
      answering(events(messageStart(usage), ...anthropicText), false),
    );
    const asked = await ask([a], '"a,m"', true);
    // 500 x 10 + 20 x 20 + 10 x 40 + 1 x 100 millionths
    expect(asked.turn).toMatchObject({
      outcome: "aborted",
      partial: true,
      tokens: { input: 500, cacheWrite: 30, output: 1 },
      cost: expect.closeTo(0.0059, 9) as number,
    });
    expect(await budgetsOf(asked)).toEqual({ all: [0.0059, 0], a: [0.0059, 0] });
  });

  it("has used what was counted with its last chunk", async () => {
    const stream = events(
      said("Half", { usage: { prompt_tokens: 40, completion_tokens: 1 } }),
      said(" a", { usage: { prompt_tokens: 40, completion_tokens: 2 } }),
    );
    const a = await provider("a", "openai-chat", answering(stream, false));
    const { turn } = await ask([a], '"a,m"', true);
    // 40 x 10 + 2 x 100
    expect(turn).toMatchObject({
      outcome: "aborted",
      partial: true,
      tokens: { input: 40, output: 2 },
      cost: 0.0006,
    });
  });

  it("before anything was reported has used an unknown sum, not none: budgets count it apart", async () => {
    const a = await provider("a", "openai-chat", answering(events(said("Half a ")), false));
    const asked = await ask([a], '"a,m"', true);
    expect(asked.turn).toMatchObject({ outcome: "aborted", tokens: null, cost: null });
    expect(asked.usage.total).toMatchObject({ turns: 1, aborted: 1, unreported: 1, input: 0, cost: null });
    expect(await budgetsOf(asked)).toEqual({ all: [0, 1], a: [0, 1] });
  });
});

describe("a call that failed before another served", () => {
  const b = (): Promise<string> =>
    provider(
      "b",
      "openai-chat",
      answering(
        `${events(said("here", { choices: [{ index: 0, delta: { content: "here" }, finish_reason: "stop" }] }), { choices: [], usage: { prompt_tokens: 100, completion_tokens: 50 } })}data: [DONE]\n\n`,
      ),
    );

  it.each<[string, string, string, object, number]>([
    [
      "an error in the stream before the first word",
      "anthropic",
      events(messageStart({ input_tokens: 200, cache_read_input_tokens: 100, output_tokens: 2 }), {
        type: "error",
        error: { type: "overloaded_error", message: "busy" },
      }),
      { input: 200, cacheRead: 100, output: 2 },
      // 200 x 10 + 100 x 1 + 2 x 100
      0.0023,
    ],
    [
      "response.failed with its usage, above the step of the price",
      "openai-responses",
      events({
        type: "response.failed",
        response: {
          status: "failed",
          error: { code: "server_error", message: "no" },
          usage: { input_tokens: 1_500, output_tokens: 10 },
        },
      }),
      { input: 1_500, output: 10 },
      // 1,500 x 30 + 10 x 200
      0.047,
    ],
    [
      "an error of chat with its usage",
      "openai-chat",
      events({
        error: { code: 500, message: "no" },
        choices: [],
        usage: { prompt_tokens: 7, completion_tokens: 3 },
      }),
      { input: 7, output: 3 },
      // 7 x 10 + 3 x 100
      0.00037,
    ],
  ])("costs its own target what it used: %s", async (_name, dialect, stream, tokens, cost) => {
    const asked = await ask([await provider("a", dialect, answering(stream)), await b()], '["a,m", "b,m"]');
    const { turn, usage } = asked;
    // 100 x 2 + 50 x 4
    const served = 0.0004;
    expect(turn.attempts).toMatchObject([
      { target: "a,m", tokens, cost: expect.closeTo(cost, 9) as number },
      { target: "b,m", result: "served", tokens: { input: 100, output: 50 }, cost: served },
    ]);
    const input = 100 + (tokens as { input: number }).input;
    expect(turn).toMatchObject({ target: "b,m", outcome: "done", tokens: { input } });
    expect(turn.cost).toBeCloseTo(cost + served, 9);
    expect(turn.partial).toBeUndefined();
    const rows = Object.fromEntries(usage.rows.map((row) => [row.name, row]));
    expect(rows["a,m"]).toMatchObject({ turns: 0, ...tokens, cost: expect.closeTo(cost, 9) as number });
    expect(rows["b,m"]).toMatchObject({
      turns: 1,
      input: 100,
      output: 50,
      unreported: 0,
      cost: expect.closeTo(served, 9) as number,
    });
    expect(usage.total.input).toBe(input);
    expect(usage.total.cost).toBeCloseTo(cost + served, 9);
    const sum = Number((cost + served).toFixed(9));
    expect(await budgetsOf(asked)).toEqual({ all: [sum, 0], a: [cost, 0], b: [served, 0] });
    const metrics = await (
      await fetch(`${asked.router.url}/metrics`, { headers: asked.router.admin })
    ).text();
    expect(metrics).toMatch(
      new RegExp(`switchyard_cost_dollars_total\\{provider="a",model="m"\\} ${String(cost)}\\d*`),
    );
  });

  it("and has no known price leaves the sum of the others, which is the least then", async () => {
    const stream = events(messageStart({ input_tokens: 200, output_tokens: 2 }), {
      type: "error",
      error: { type: "overloaded_error", message: "busy" },
    });
    const asked = await ask(
      [await provider("c", "anthropic", answering(stream)), await b()],
      '["c,m", "b,m"]',
    );
    expect(asked.turn).toMatchObject({ cost: 0.0004, partial: true, tokens: { input: 300, output: 52 } });
    const rows = Object.fromEntries(asked.usage.rows.map((row) => [row.name, row]));
    expect(rows).toMatchObject({
      "c,m": { turns: 0, input: 200, cost: null, unpriced: 1 },
      "b,m": { turns: 1, input: 100, cost: 0.0004, unpriced: 0 },
    });
    expect(await budgetsOf(asked)).toEqual({ all: [0.0004, 1], c: [0, 1], b: [0.0004, 0] });
  });

  it("served by a provider that reports nothing is unknown, and never free", async () => {
    const end = { choices: [{ index: 0, delta: { content: "hi" }, finish_reason: "stop" }] };
    const a = await provider("a", "openai-chat", answering(`${events(end)}data: [DONE]\n\n`));
    const asked = await ask([a], '"a,m"');
    expect(asked.turn).toMatchObject({ outcome: "done", tokens: null, cost: null });
    expect(await budgetsOf(asked)).toEqual({ all: [0, 1], a: [0, 1] });
  });
});

it("an answer that ends well counts once, at the price of its own context", async () => {
  const usage = { input_tokens: 600, cache_read_input_tokens: 401, output_tokens: 5 };
  const stream = events(messageStart(usage), ...anthropicText, ...anthropicEnd({ output_tokens: 20 }));
  const { turn, usage: sums } = await ask([await provider("a", "anthropic", answering(stream))], '"a,m"');
  // Above the step: 600 x 30 + 401 x 3 + 20 x 200
  expect(turn).toMatchObject({ outcome: "done", tokens: { input: 600, cacheRead: 401, output: 20 } });
  expect(turn.cost).toBeCloseTo(0.023203, 9);
  expect(turn).not.toHaveProperty("partial");
  expect(sums.total).toMatchObject({ turns: 1, input: 600, output: 20 });
});
