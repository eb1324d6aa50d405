/** Traces and metrics, as a collector gets them. */
import { describe, expect, it } from "vitest";
import type { Config, TelemetryConfig } from "../../../src/config/types.ts";
import { Exporter } from "../../../src/router/telemetry/exporter.ts";
import { Telemetry } from "../../../src/router/telemetry/telemetry.ts";
import type { Logger } from "../../../src/shared/log.ts";
import { place } from "../../config/support.ts";
import { collector, metricsIn, plainAttributes, spansIn, type Collector } from "../../support/collector.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { turnRecord } from "../../support/turns.ts";

closeAfterEach();

const canary = "collector-key-canary-0123456789";
const config = place(
  [
    "providers:",
    '  a: { dialect: openai-chat, baseUrl: "https://api.x.ai/v1", keys: [] }',
    '  b: { dialect: openai-chat, baseUrl: "http://127.0.0.1:1/v1", keys: [] }',
    'routes: { default: ["a,m", "b,n"] }',
  ].join("\n"),
).load();
const terms = (endpoint: string): TelemetryConfig => ({
  endpoint,
  headers: { authorization: `Bearer ${canary}` },
  service: "my-router",
  traces: true,
  metrics: true,
  interval: 3_600_000,
});
const lines: string[] = [];
const tell = (fields: object, text?: string): void =>
  void lines.push(`${JSON.stringify(fields)} ${text ?? ""}`);
const log = { warn: tell, info: tell, error: tell } as unknown as Logger;
const exporterTo = (to: Collector): Exporter =>
  new Exporter({ config: terms(to.url), version: "9.9.9", log });
const opened = async (): Promise<Collector> => closing(await collector());

const failedOver = turnRecord({
  asked: "claude-opus-5",
  rule: "opus",
  target: "b,n",
  agent: "agent-1",
  attempts: [
    { target: "a,m", key: "…secr", result: "rateLimited", status: 429, duration: 300 },
    { target: "b,n", key: null, result: "served", status: 200, duration: 1_500 },
  ],
});

describe("a trace", () => {
  it("is the turn with its calls as children, in time, by the names of the GenAI conventions", async () => {
    const to = await opened();
    const exporter = exporterTo(to);
    exporter.observe(failedOver, config);
    await exporter.close();
    const [{ headers, body }] = (await to.got("/v1/traces", 1)) as [(typeof to.received)[number]];
    expect([headers.authorization, headers["content-type"]]).toEqual([
      `Bearer ${canary}`,
      "application/json",
    ]);
    const { resourceSpans } = body as { resourceSpans: { resource: { attributes: never[] } }[] };
    expect(plainAttributes(resourceSpans[0]!.resource.attributes)).toEqual({
      "service.name": "my-router",
      "service.version": "9.9.9",
    });
    const [turn, first, second] = spansIn(body);
    expect([turn!.traceId, turn!.spanId]).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
    expect([first, second].map((span) => [span!.traceId, span!.parentSpanId])).toEqual([
      [turn!.traceId, turn!.spanId],
      [turn!.traceId, turn!.spanId],
    ]);
    const at = (offset: number): string => `${failedOver.at + offset}000000`;
    expect(
      [turn, first, second].map((span) => [
        span!.name,
        span!.kind,
        span!.startTimeUnixNano,
        span!.endTimeUnixNano,
      ]),
    ).toEqual([
      ["chat claude-opus-5", 2, at(0), at(2_000)],
      ["call a,m", 3, at(0), at(300)],
      ["call b,n", 3, at(500), at(2_000)],
    ]);
    expect(plainAttributes(turn!.attributes)).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "b",
      "gen_ai.request.model": "claude-opus-5",
      "gen_ai.request.stream": true,
      "gen_ai.response.model": "n",
      "gen_ai.response.time_to_first_chunk": 0.7,
      "gen_ai.conversation.id": failedOver.session,
      "gen_ai.usage.input_tokens": 80,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.usage.cache_read.input_tokens": 40,
      "gen_ai.usage.cache_creation.input_tokens": 30,
      "gen_ai.usage.reasoning.output_tokens": 5,
      "http.response.status_code": 200,
      "switchyard.request_id": failedOver.id,
      "switchyard.rule": "opus",
      "switchyard.target": "b,n",
      "switchyard.attempts": 2,
      "switchyard.outcome": "done",
      "switchyard.client": "anthropic",
      "switchyard.agent": "agent-1",
      "switchyard.cost_dollars": 0.25,
    });
    expect(plainAttributes(first!.attributes)).toEqual({
      "gen_ai.provider.name": "x_ai",
      "gen_ai.request.model": "m",
      "switchyard.provider": "a",
      "switchyard.result": "rateLimited",
      "http.response.status_code": 429,
      "error.type": "rateLimited",
    });
    expect([turn!.status, first!.status, second!.status]).toEqual([
      {},
      { code: 2, message: "rateLimited" },
      {},
    ]);
    // Of a key not even its end is told.
    expect(JSON.stringify(to.received.map((each) => each.body))).not.toContain("secr");
  });

  it("has cost and time as numbers with a fraction, also where they are whole", async () => {
    const to = await opened();
    const exporter = exporterTo(to);
    exporter.observe(turnRecord({ cost: 0, firstToken: 3_000, attempts: [] }), config);
    await exporter.close();
    const [span] = spansIn(to.received.find(({ path }) => path === "/v1/traces")?.body);
    const fractions = new Set(["gen_ai.response.time_to_first_chunk", "switchyard.cost_dollars"]);
    expect(span!.attributes.filter(({ key }) => fractions.has(key)).map(({ value }) => value)).toEqual([
      { doubleValue: 3 },
      { doubleValue: 0 },
    ]);
  });

  it("of a turn that failed says how; one that the client left is no error", async () => {
    const to = await opened();
    const exporter = exporterTo(to);
    exporter.observe(
      turnRecord({ outcome: "failed", status: 529, error: "overloaded_error", tokens: null, attempts: [] }),
      config,
    );
    exporter.observe(turnRecord({ outcome: "aborted", attempts: [] }), config);
    await exporter.close();
    const [failed, left] = to.received
      .filter(({ path }) => path === "/v1/traces")
      .flatMap(({ body }) => spansIn(body));
    expect(failed!.status).toEqual({ code: 2, message: "overloaded_error" });
    expect(plainAttributes(failed!.attributes)).toMatchObject({
      "error.type": "overloaded_error",
      "http.response.status_code": 529,
    });
    expect(plainAttributes(failed!.attributes)).not.toHaveProperty("gen_ai.usage.input_tokens");
    expect(left!.status).toEqual({});
  });
});

describe("metrics", () => {
  it("are the conventions' histograms, with bounded labels, and the cost", async () => {
    const to = await opened();
    const exporter = exporterTo(to);
    exporter.observe(turnRecord(), config);
    exporter.observe(
      turnRecord({ target: "a,made-up-by-a-client", error: "made_up_error", outcome: "failed" }),
      config,
    );
    await exporter.close();
    const metrics = new Map(
      metricsIn(to.received.find(({ path }) => path === "/v1/metrics")?.body).map((each) => [
        each.name,
        each,
      ]),
    );
    expect([...metrics.keys()]).toEqual([
      "gen_ai.client.token.usage",
      "gen_ai.client.operation.duration",
      "gen_ai.client.operation.time_to_first_chunk",
      "switchyard.cost",
    ]);
    const usage = metrics.get("gen_ai.client.token.usage")!;
    expect([usage.unit, usage.histogram!.aggregationTemporality]).toEqual(["{token}", 2]);
    const [input] = usage.histogram!.dataPoints;
    expect(plainAttributes(input!.attributes)).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "x_ai",
      "gen_ai.request.model": "m",
      "gen_ai.token.type": "input",
    });
    expect([input!.count, input!.sum, input!.bucketCounts.length]).toEqual([
      "1",
      80,
      input!.explicitBounds.length + 1,
    ]);
    // 80 is above 64 and not above 256.
    expect(input!.bucketCounts.indexOf("1")).toBe(input!.explicitBounds.indexOf(256));
    const durations = metrics.get("gen_ai.client.operation.duration")!.histogram!.dataPoints;
    expect(durations.map(({ attributes }) => plainAttributes(attributes)["error.type"])).toEqual([
      undefined,
      "failed",
    ]);
    expect(durations.map(({ attributes }) => plainAttributes(attributes)["gen_ai.request.model"])).toEqual([
      "m",
      "other",
    ]);
    expect(metrics.get("switchyard.cost")!.sum).toMatchObject({
      isMonotonic: true,
      dataPoints: [{ asDouble: 0.25 }, { asDouble: 0.25 }],
    });
  });
});

describe("a collector", () => {
  it("that is busy gets the same again; one that refuses does not", async () => {
    const to = await opened();
    to.answers.push({ status: 503, headers: { "retry-after": "0.01" } });
    const exporter = new Exporter({
      config: { ...terms(to.url), metrics: false },
      version: "1",
      log,
    });
    for (let i = 0; i < 300; i++) exporter.observe(failedOver, config);
    const [first, again] = await to.got("/v1/traces", 2);
    expect(again!.body).toEqual(first!.body);
    expect(spansIn(first!.body)).toHaveLength(512);
    await exporter.close();
    const sent = to.received.length;
    to.answers.push({ status: 400 });
    const other = exporterTo(to);
    other.observe(failedOver, config);
    await other.close();
    expect(to.received.slice(sent).filter(({ path }) => path === "/v1/traces")).toHaveLength(1);
  });

  it("that is not there is told once, and turns and the end of the router go on", async () => {
    lines.length = 0;
    const exporter = new Exporter({
      config: terms("http://127.0.0.1:1"),
      version: "1",
      log,
    });
    for (let i = 0; i < 10_000; i++) exporter.observe(failedOver, config);
    await exporter.close();
    expect(lines.filter((line) => line.includes("telemetry.failed"))).toHaveLength(1);
    expect(lines.join("\n")).toMatch(/\d+ turns are in no trace/);
    expect(lines.join("\n")).not.toContain(canary);
  });

  it("is taken, changed and left with the configuration", async () => {
    const [one, two] = [await opened(), await opened()];
    const telemetry = new Telemetry(log);
    const withTerms = (telemetryTerms: TelemetryConfig | undefined): Config => ({
      ...config,
      telemetry: telemetryTerms,
    });
    telemetry.use(withTerms(undefined));
    telemetry.observe(failedOver, config);
    telemetry.use(withTerms(terms(one.url)));
    telemetry.observe(failedOver, config);
    telemetry.use(withTerms(terms(two.url)));
    await one.got("/v1/traces", 1);
    telemetry.observe(failedOver, config);
    await telemetry.close();
    telemetry.observe(failedOver, config);
    expect(
      [one, two].map(({ received }) =>
        received.filter(({ path }) => path === "/v1/traces").map(({ body }) => spansIn(body).length),
      ),
    ).toEqual([[3], [3]]);
  });
});
