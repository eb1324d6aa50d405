/** What is counted of turns. */
import { describe, expect, it } from "vitest";
import { exposition } from "../../../src/router/metrics/exposition.ts";
import { TurnMetrics } from "../../../src/router/metrics/turn-metrics.ts";
import { place } from "../../config/support.ts";
import { readExposition, type Family } from "../../support/prometheus.ts";
import { turnRecord } from "../../support/turns.ts";

const provider = '{ dialect: openai-chat, baseUrl: "http://127.0.0.1:1/v1", keys: [] }';
const config = place(
  [
    `providers: { a: ${provider}, b: ${provider}, wild: ${provider} }`,
    'routes: { default: ["a,m", "b,n"], opus: "wild,*" }',
    'rules: [{ name: night, when: { lastUser: "x" }, use: "b,night" }]',
  ].join("\n"),
).load();

const counted = (...turns: readonly Partial<ReturnType<typeof turnRecord>>[]): Map<string, Family> => {
  const metrics = new TurnMetrics();
  for (const turn of turns) metrics.observe(turnRecord(turn), config);
  return readExposition(exposition(metrics.metrics, []));
};
const samplesOf = (families: Map<string, Family>, name: string): Record<string, number> =>
  Object.fromEntries(families.get(name)?.samples ?? []);

describe("GET /metrics", () => {
  it("counts turns, tokens, cost and calls", () => {
    const failed = {
      outcome: "failed",
      tokens: null,
      cost: null,
      firstToken: null,
      attempts: [
        { target: "a,m", key: null, result: "rateLimited", status: 429, duration: 5 },
        { target: "b,n", key: null, result: "unreachable", status: null, duration: 5 },
      ],
      target: "b,n",
    } as const;
    const families = counted({}, {}, { cost: null }, failed);
    expect(samplesOf(families, "switchyard_turns_total")).toEqual({
      'switchyard_turns_total{provider="a",model="m",rule="default",outcome="done"}': 3,
      'switchyard_turns_total{provider="b",model="n",rule="default",outcome="failed"}': 1,
    });
    expect(samplesOf(families, "switchyard_tokens_total")).toEqual({
      'switchyard_tokens_total{provider="a",model="m",type="input"}': 30,
      'switchyard_tokens_total{provider="a",model="m",type="output"}': 60,
      'switchyard_tokens_total{provider="a",model="m",type="cache_read"}': 120,
      'switchyard_tokens_total{provider="a",model="m",type="cache_write"}': 90,
    });
    expect(samplesOf(families, "switchyard_reasoning_tokens_total")).toEqual({
      'switchyard_reasoning_tokens_total{provider="a",model="m"}': 15,
    });
    expect(samplesOf(families, "switchyard_cost_dollars_total")).toEqual({
      'switchyard_cost_dollars_total{provider="a",model="m"}': 0.5,
    });
    expect(samplesOf(families, "switchyard_unpriced_turns_total")).toEqual({
      'switchyard_unpriced_turns_total{provider="a",model="m"}': 1,
    });
    expect(samplesOf(families, "switchyard_attempts_total")).toEqual({
      'switchyard_attempts_total{provider="a",model="m",result="served"}': 3,
      'switchyard_attempts_total{provider="a",model="m",result="rateLimited"}': 1,
      'switchyard_attempts_total{provider="b",model="n",result="unreachable"}': 1,
    });
  });

  it("a histogram's buckets hold all below them, a value on a bound among them", () => {
    const families = counted(
      { firstToken: 500 },
      { firstToken: 501 },
      { firstToken: 999_000 },
      { firstToken: null },
    );
    const samples = samplesOf(families, "switchyard_first_token_seconds");
    const bucket = (le: string): number | undefined =>
      samples[`switchyard_first_token_seconds_bucket{provider="a",model="m",le="${le}"}`];
    expect(["0.25", "0.5", "1", "120", "+Inf"].map(bucket)).toEqual([0, 1, 2, 2, 3]);
    expect(samples['switchyard_first_token_seconds_count{provider="a",model="m"}']).toBe(3);
    expect(samples['switchyard_first_token_seconds_sum{provider="a",model="m"}']).toBeCloseTo(1_000.001);
  });

  it("what a client chooses makes no series: ten thousand model ids are one", () => {
    const turns = Array.from({ length: 10_000 }, (_, i) => ({
      asked: `m${i}`,
      target: i % 2 === 0 ? `a,m${i}` : `nobody${i},m`,
      rule: `custom:made-up-${i}`,
      attempts: [{ target: `wild,m${i}`, key: `k${i}`, result: `odd${i}`, status: i, duration: 1 }],
    }));
    const families = counted(...turns);
    expect(samplesOf(families, "switchyard_turns_total")).toEqual({
      'switchyard_turns_total{provider="a",model="other",rule="other",outcome="done"}': 5_000,
      'switchyard_turns_total{provider="other",model="other",rule="other",outcome="done"}': 5_000,
    });
    expect(Object.keys(samplesOf(families, "switchyard_attempts_total"))).toEqual([
      'switchyard_attempts_total{provider="wild",model="other",result="other"}',
    ]);
  });

  it("targets of rules, and known models behind a target *, keep their names", () => {
    const families = counted(
      { target: "b,night", rule: "custom:night" },
      { target: "wild,claude-opus-5", rule: "opus" },
      { target: "wild,*", asked: "claude-opus-5", rule: "opus" },
      { target: "wild,*", asked: "made-up-by-a-client", rule: "opus" },
    );
    expect(Object.keys(samplesOf(families, "switchyard_turns_total"))).toEqual([
      'switchyard_turns_total{provider="b",model="night",rule="custom:night",outcome="done"}',
      'switchyard_turns_total{provider="wild",model="claude-opus-5",rule="opus",outcome="done"}',
      'switchyard_turns_total{provider="wild",model="*",rule="opus",outcome="done"}',
    ]);
  });

  it("names with quotes, backslashes and line breaks are written as the format has them", () => {
    const odd = 'a"\\\n<script>';
    const text = exposition([], [{ name: "g", help: "one\nline", samples: [[{ x: odd }, 1]] }]);
    expect(text).toBe('# HELP g one\\nline\n# TYPE g gauge\ng{x="a\\"\\\\\\n<script>"} 1\n');
    expect(readExposition(text).get("g")?.samples.size).toBe(1);
  });
});
