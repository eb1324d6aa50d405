/** What a turn costs, by what is parsed, written and counted in it, not by time. */
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Message, MessagesRequest } from "../../../src/protocol/anthropic.ts";
import { createCounter } from "../../../src/router/tokens/count.ts";
import { sessionReader } from "../../support/session-turns.ts";
import { contextOf, httpDialect, targets } from "../../support/targets.ts";

/** One call of a tool and its result, in two messages: what is new in each turn, some 1,500 characters. */
const newIn = (turn: number): Message[] => [
  {
    role: "assistant",
    content: [
      { type: "text", text: `Turn ${turn}.` },
      { type: "tool_use", id: `toolu_${turn}`, name: "Read", input: { path: `src/${turn}.ts` } },
    ],
  },
  {
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: `toolu_${turn}`, content: `line ${turn} of a file\n`.repeat(70) },
    ],
  },
];

const bodyOf = (turn: number): Buffer => {
  const messages: Message[] = [{ role: "user", content: "Read all of it." }];
  for (let each = 1; each <= turn; each++) messages.push(...newIn(each));
  const request: MessagesRequest = {
    model: "claude-sonnet-4-5",
    messages,
    system: [{ type: "text", text: "You read files." }],
    tools: [{ name: "Read", description: "reads ".repeat(200), input_schema: { type: "object" } }],
    max_tokens: 1000,
    stream: true,
  };
  return Buffer.from(JSON.stringify(request));
};

interface Cost {
  parsed: number;
  written: number;
  counted: number;
}

/** Characters of each turn of one session. */
const costs = async (target: (typeof targets)[number], turns: number): Promise<Cost[]> => {
  const cost = { parsed: 0, written: 0, counted: 0 };
  const { parse, stringify } = JSON;
  vi.spyOn(JSON, "parse").mockImplementation((text: string) => {
    cost.parsed += text.length;
    return parse(text) as unknown;
  });
  vi.spyOn(JSON, "stringify").mockImplementation((value: unknown) => {
    const text = stringify(value) as string | undefined;
    cost.written += text?.length ?? 0;
    return text as string;
  });
  const counter = createCounter({
    tokenize: () =>
      Promise.resolve((text) => {
        cost.counted += text.length;
        return text.length / 4;
      }),
  });
  const read = sessionReader();
  const context = contextOf(target, "target");
  const bodies = Array.from({ length: turns }, (_, i) => bodyOf(i + 1));
  const all: Cost[] = [];
  for (const raw of bodies) {
    Object.assign(cost, { parsed: 0, written: 0, counted: 0 });
    const request = read(raw);
    await counter.count(request);
    httpDialect(target.dialect).encode(request, { ...context, rawBody: raw, request });
    all.push({ ...cost });
  }
  return all;
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the hundredth turn of a session", () => {
  test.each(targets.map((target) => [target.name, target] as const))(
    "costs what the tenth does, for %s: what is new in it is parsed, written and counted",
    async (_, target) => {
      const all = await costs(target, 100);
      const [tenth, hundredth] = [all[9]!, all[99]!];
      // The numbers in it are a digit longer.
      const slack = 200;
      expect(hundredth.parsed).toBeLessThan(tenth.parsed + slack);
      expect(hundredth.written).toBeLessThan(tenth.written + slack);
      expect(hundredth.counted).toBeLessThan(tenth.counted + slack);
      // Not because nothing is looked at.
      const fresh = JSON.stringify(newIn(100)).length;
      expect(hundredth.parsed).toBeGreaterThan(fresh);
      expect(hundredth.counted).toBeGreaterThan(fresh / 2);
      expect(all[99]!.parsed).toBeLessThan(bodyOf(100).length / 10);
    },
  );
});
