/** A real OpenTelemetry collector that takes a router's traces and metrics: whatever it would not understand would be gone behind it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { metricsIn, plainAttributes, type ReceivedSpan, spansIn } from "../../support/collector.ts";
import { startProvider } from "../../support/provider/server.ts";
import { describeNeeding } from "../../support/needed.ts";
import { answers, answerText, dollars, key, observedYaml } from "../support/observed.ts";
import { neededCollector, type OtelCollector, startOtelCollector } from "../support/otel-collector.ts";
import { startRouterProcess } from "../support/router-process.ts";

const routes = { opus: ["failing,broken", "main,writer"], background: "failing,broken" };

const session = "0f0e0d0c-0000-4000-8000-000000000001";
/** Half of a pair of UTF-16, as a cut name has it, and more than one byte a letter. */
const oddModel = "claude-sonnet-ü😀\uD83D";

let to: OtelCollector;
const bodiesAt = (at: "sent" | "understood", path: string): unknown[] =>
  to[at].received.filter((each) => each.path === path).map(({ body }) => body);
const spansAt = (at: "sent" | "understood"): ReceivedSpan[] => bodiesAt(at, "/v1/traces").flatMap(spansIn);
const attributesOf = (span: ReceivedSpan): Record<string, unknown> => plainAttributes(span.attributes);
const turnOf = (asked: string): ReceivedSpan =>
  spansAt("understood").find(({ name, kind }) => name === `chat ${asked}` && kind === 2)!;

describeNeeding(neededCollector, "an OpenTelemetry collector behind a router", () => {
  beforeAll(async () => {
    to = await startOtelCollector();
    const provider = await startProvider(answers);
    const telemetry = { endpoint: to.sent.url, service: "traced-router" };
    const yaml = observedYaml(provider.url, { routes, sections: { telemetry } });
    const router = await startRouterProcess(yaml, key);
    const metadata = { user_id: session };
    for (const model of ["claude-sonnet-4-5", "claude-opus-5", "claude-haiku-4-5", oddModel])
      await (await router.ask({ model, stream: true, metadata })).text();
    // A router that ends sends what waits.
    await router.close();
    await provider.close();
  });
  afterAll(() => to?.close());

  it("takes every request as a whole", () => {
    expect(to.sent.received.map(({ path }) => path).toSorted()).toEqual(["/v1/metrics", "/v1/traces"]);
    for (const { answer } of to.sent.received) {
      expect(answer?.status).toBe(200);
      // It would name here what it has left out.
      expect(JSON.parse(answer!.text)).toEqual({ partialSuccess: {} });
    }
  });

  it("understands each field of the traces as it was meant", () => {
    expect(spansAt("sent").length).toBeGreaterThan(6);
    expect(bodiesAt("understood", "/v1/traces")).toMatchObject(bodiesAt("sent", "/v1/traces"));
  });

  it("understands each field of the metrics as it was meant", () => {
    expect(bodiesAt("sent", "/v1/metrics").flatMap(metricsIn)).toHaveLength(4);
    expect(bodiesAt("understood", "/v1/metrics")).toMatchObject(bodiesAt("sent", "/v1/metrics"));
  });

  it("has a turn with the tokens, times and cost of the GenAI conventions, and its session", () => {
    const turn = turnOf("claude-sonnet-4-5");
    expect(attributesOf(turn)).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "main",
      "gen_ai.request.model": "claude-sonnet-4-5",
      "gen_ai.request.stream": true,
      "gen_ai.response.model": "writer",
      "gen_ai.response.time_to_first_chunk": expect.any(Number),
      "gen_ai.conversation.id": session,
      "gen_ai.usage.input_tokens": 1200,
      "gen_ai.usage.cache_read.input_tokens": 800,
      "gen_ai.usage.output_tokens": 340,
      "switchyard.rule": "default",
      "switchyard.cost_dollars": dollars,
    });
    expect(turn.status).toEqual({});
    expect(BigInt(turn.endTimeUnixNano)).toBeGreaterThan(BigInt(turn.startTimeUnixNano));
  });

  it("has the calls of a turn as its children, the one that failed as an error", () => {
    const turn = turnOf("claude-opus-5");
    const calls = spansAt("understood").filter(({ parentSpanId }) => parentSpanId === turn.spanId);
    expect(calls.map(({ name, traceId, status }) => ({ name, traceId, status }))).toEqual([
      { name: "call failing,broken", traceId: turn.traceId, status: { code: 2, message: "unavailable" } },
      { name: "call main,writer", traceId: turn.traceId, status: {} },
    ]);
    expect(turnOf("claude-haiku-4-5").status).toMatchObject({ code: 2 });
  });

  it("takes a model's name that is no proper text, and shows the rest of it", () => {
    const odd = spansAt("understood").find(({ name }) => name.includes("ü"));
    expect(odd!.name).toBe("chat claude-sonnet-ü😀\uFFFD");
  });

  it("has the conventions' histograms and the cost, with what was reported in them", () => {
    const found = new Map(
      bodiesAt("understood", "/v1/metrics")
        .flatMap(metricsIn)
        .map((metric) => [metric.name, metric]),
    );
    const points = found.get("gen_ai.client.token.usage")!.histogram!.dataPoints;
    const of = (type: string, model: string) =>
      points.find(({ attributes }) => {
        const labels = plainAttributes(attributes);
        return labels["gen_ai.token.type"] === type && labels["gen_ai.request.model"] === model;
      });
    expect(of("input", "writer")).toMatchObject({ count: "3", sum: 3 * 1200 });
    expect(of("output", "writer")).toMatchObject({ count: "3", sum: 3 * 340 });
    const durations = found.get("gen_ai.client.operation.duration")!.histogram!.dataPoints;
    expect(durations.map(({ attributes }) => plainAttributes(attributes)["error.type"])).toContain(
      "api_error",
    );
    expect(found.get("switchyard.cost")!.sum!.dataPoints[0]!.asDouble).toBeCloseTo(3 * dollars, 9);
    expect(found.get("gen_ai.client.operation.time_to_first_chunk")!.unit).toBe("s");
  });

  it("gets no key, no prompt and no answer", () => {
    const text = JSON.stringify(to.sent.received.map(({ body }) => body));
    for (const secret of [key, "sk-provider", "0123456789", "say hi", answerText])
      expect(text).not.toContain(secret);
  });
});
