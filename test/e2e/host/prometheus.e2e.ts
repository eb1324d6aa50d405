/** A real Prometheus that scrapes a router under traffic: each metric of the documentation, each question of the Grafana dashboard. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../support/cli.ts";
import { startProvider, type ScriptedProvider } from "../../support/provider/server.ts";
import { dashboard, filledIn, labelValues } from "../support/grafana-dashboard.ts";
import { describeNeeding } from "../../support/needed.ts";
import { answers, dollars, key, observedYaml, usage } from "../support/observed.ts";
import { checkConfig, checkMetrics, neededPrometheus } from "../support/prometheus-server.ts";
import { type PrometheusServer, type Series, startPrometheus } from "../support/prometheus-server.ts";
import { root } from "../support/project.ts";
import { type RouterProcess, startRouterProcess } from "../support/router-process.ts";

const routes = { opus: ["failing,broken", "main,without-a-price"], background: "main,slow" };

let provider: ScriptedProvider;
let router: RouterProcess;
let prometheus: PrometheusServer;

const ask = async (model: string): Promise<void> => {
  const answer = await router.ask({ model, stream: true });
  await answer.text();
  expect(answer.status).toBe(200);
};

/** One that its client leaves as soon as the provider has it. */
const leave = async (): Promise<void> => {
  const leaving = new AbortController();
  const before = provider.requests.length;
  const asked = router.ask({ model: "claude-haiku-4-5", stream: true }, leaving.signal);
  await until(() => provider.requests.length > before, "a call of the slow model");
  leaving.abort();
  await expect(asked).rejects.toThrow("aborted");
};

/** Priced, unpriced after a failure, and aborted ones. */
const traffic = { priced: 5, fallen: 3, left: 1 };
const turnsOfRound = traffic.priced + traffic.fallen + traffic.left;
const round = async (): Promise<void> => {
  await Promise.all(Array.from({ length: traffic.priced }, () => ask("claude-sonnet-4-5")));
  for (let i = 0; i < traffic.fallen; i++) await ask("claude-opus-5");
  for (let i = 0; i < traffic.left; i++) await leave();
  const refused = await router.ask({ messages: "none" });
  expect(refused.status).toBe(400);
  await refused.text();
};

const scraped = (rounds: number): Promise<void> =>
  until(
    async () => (await prometheus.number("switchyard_turns_total")) === rounds * turnsOfRound,
    () => `${rounds * turnsOfRound} turns at Prometheus, which printed: ${prometheus.log()}`,
    30_000,
  );

const isNumber = ([, value]: readonly [number, string]): boolean => !Number.isNaN(Number(value));
const hasData = ({ value, values = [] }: Series): boolean =>
  (value === undefined ? values : [value]).some(isNumber);

/** Rows of the table of docs/observability.md. */
const documented = readFileSync(join(root, "docs/observability.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| `(?:switchyard|process)_/.test(line))
  .flatMap((line) => {
    const [, names, labels] = line.split("|").map((cell) => cell.trim());
    return names!
      .split(", ")
      .map((name) => ({ name: name.replaceAll("`", ""), labels: labels!.split(", ").filter(Boolean) }));
  });

describeNeeding(neededPrometheus, "a Prometheus that reads the router's metrics", () => {
  beforeAll(async () => {
    provider = await startProvider(answers);
    router = await startRouterProcess(observedYaml(provider.url, { routes }), key);
    prometheus = await startPrometheus(router.url, key);
    // A rate needs a series before it rises.
    await round();
    await scraped(1);
    await round();
    await scraped(2);
  });
  afterAll(async () => {
    await prometheus?.close();
    await router?.close();
    await provider?.close();
  });

  it("takes them with the stack's own configuration, and finds no fault in them", async () => {
    const { activeTargets } = await prometheus.api<{
      activeTargets: { scrapePool: string; health: string; lastError: string }[];
    }>("targets", { state: "active" });
    expect(activeTargets).toMatchObject([{ scrapePool: "switchyard", health: "up", lastError: "" }]);
    expect(await prometheus.number("min_over_time(up[5m])")).toBe(1);
  });

  it("has every metric of the documentation, with those labels and no others", async () => {
    expect(documented.length).toBeGreaterThan(12);
    const types = await prometheus.api<Record<string, { type: string; help: string }[]>>("metadata");
    for (const { name, labels } of documented) {
      const [told] = types[name] ?? [];
      expect(told?.help, name).toMatch(/\w+/);
      const series = await prometheus.query(told!.type === "histogram" ? `${name}_bucket` : name);
      expect(series, name).not.toEqual([]);
      const own = series.map(({ metric }) =>
        Object.keys(metric).filter((label) => !["__name__", "job", "instance", "le"].includes(label)),
      );
      for (const found of own) expect(found.toSorted(), name).toEqual(labels.toSorted());
    }
  });

  it("the documentation names every metric that it has", async () => {
    const names = Object.keys(await prometheus.api<object>("metadata", { limit: "1000" }));
    const ours = names.filter((name) => /^(?:switchyard|process)_/.test(name));
    expect(ours.toSorted()).toEqual(documented.map(({ name }) => name).toSorted());
  });

  it("counts each turn, call, token and dollar once", async () => {
    const served = (traffic.priced + traffic.fallen) * 2;
    const numbers = async (...expressions: string[]): Promise<number[]> =>
      Promise.all(expressions.map((expression) => prometheus.number(expression)));
    expect(
      await numbers(
        'switchyard_turns_total{outcome="done"}',
        'switchyard_turns_total{outcome="aborted",rule="background"}',
        'switchyard_attempts_total{result="served"}',
        'switchyard_unpriced_turns_total{model="without-a-price"}',
      ),
    ).toEqual([served, traffic.left * 2, served, traffic.fallen * 2]);
    const uncached = usage.prompt - usage.cached;
    const tokens = (type: string): string =>
      `switchyard_tokens_total{type="${type}",model=~"writer|without-a-price"}`;
    expect(await numbers(tokens("input"), tokens("cache_read"), tokens("output"))).toEqual([
      served * uncached,
      served * usage.cached,
      served * usage.completion,
    ]);
    expect(await prometheus.number("switchyard_cost_dollars_total")).toBeCloseTo(
      traffic.priced * 2 * dollars,
      9,
    );
  });

  it("is refused without the key, and says why", async () => {
    const stranger = await startPrometheus(router.url, "sk-somebody-else");
    try {
      const refused = async (): Promise<string> => {
        const { activeTargets } = await stranger.api<{ activeTargets: { lastError: string }[] }>("targets");
        return activeTargets[0]?.lastError ?? "";
      };
      await until(async () => (await refused()) !== "", "a scrape that is refused");
      expect(await refused()).toContain("401");
    } finally {
      await stranger.close();
    }
  });

  it("its promtool finds nothing to mend in the router's metrics", async () => {
    const answer = await fetch(`${router.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
    expect(await checkMetrics(await answer.text())).toBe("");
  });

  it.each(["images/prometheus/prometheus.yml", "docs/observability.md"])(
    "its promtool takes the configuration in %s",
    async (path) => {
      const text = readFileSync(join(root, path), "utf8");
      const yaml = path.endsWith(".md") ? /```yaml\n(# prometheus\.yml\n[^`]+)```/.exec(text)![1]! : text;
      expect(await checkConfig(yaml)).toContain("SUCCESS");
    },
  );

  describe("asked by the Grafana dashboard", () => {
    it.each(
      dashboard.panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target }))),
    )("$title: $expr has data", async ({ expr, legendFormat }) => {
      const found = await prometheus.queryRange(filledIn(expr));
      expect(found).not.toEqual([]);
      for (const series of found) {
        expect(hasData(series), JSON.stringify(series)).toBe(true);
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          expect(series.metric[label!], `${legendFormat} of ${JSON.stringify(series.metric)}`).toBeTruthy();
      }
    });

    it.each(
      dashboard.templating.list.flatMap(({ name, definition }) => (definition ? [{ name, definition }] : [])),
    )("the choice of $name has something to choose", async ({ definition }) => {
      const { match, label } = labelValues(definition);
      const values = await prometheus.api<string[]>(`label/${label}/values`, { "match[]": match });
      expect(values).toContain(label === "provider" ? "main" : "writer");
    });
  });
});
