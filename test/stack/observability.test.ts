/** Prometheus and Grafana beside the stack, and the dashboard that Grafana shows. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { RouterContext } from "../../src/router/endpoints/context.ts";
import { exposition } from "../../src/router/metrics/exposition.ts";
import { gauges } from "../../src/router/metrics/gauges.ts";
import { TurnMetrics } from "../../src/router/metrics/turn-metrics.ts";
import { createMemoryState } from "../../src/router/state/memory.ts";
import { renderStack } from "../../src/stack/compose.ts";
import type { ComposeDocument } from "../../src/stack/document.ts";
import { portableStack } from "../../src/stack/placement.ts";
import { metricsKeyFile } from "../../src/stack/services/prometheus.ts";
import { router } from "../../src/stack/services/router.ts";
import { servicesStack } from "../../src/stack/services/services.ts";
import { place } from "../config/support.ts";
import { root } from "../support/cli.ts";
import { readExposition } from "../support/prometheus.ts";
import { turnRecord } from "../support/turns.ts";

const provider = '{ dialect: openai-chat, baseUrl: "http://127.0.0.1:1/v1", keys: ["sk-canary-0123456789"] }';
const yaml = `providers: { a: ${provider} }\nroutes: { default: "a,m" }\n`;
const config = place(`${yaml}stack: { observability: { enabled: true, grafanaPort: 3999 } }\n`).load();
const rendered = renderStack(servicesStack, config, {
  ...portableStack,
  uid: "1234",
  gid: "1235",
  maxCpus: 2,
});
const document = parse(rendered) as ComposeDocument;
const extras = ["prometheus", "grafana"] as const;
const read = (path: string): string => readFileSync(join(root, path), "utf8");

describe("the stack", () => {
  it("has neither of them where nobody asked for it", () => {
    const { services, secrets } = parse(
      renderStack(servicesStack, place(yaml).load(), portableStack),
    ) as ComposeDocument;
    expect(Object.keys(services)).toEqual(["router", "claude-code", "litellm"]);
    expect(Object.keys(secrets ?? {})).not.toContain("metrics-key");
  });

  it.each(extras)("%s runs as the caller, confined, limited, of a pinned image", (name) => {
    const service = document.services[name]!;
    expect(service).toMatchObject({ user: "1234:1235", cap_drop: ["ALL"], read_only: true, mem_limit: "1g" });
    expect([service.security_opt, service.networks]).toEqual([["no-new-privileges:true"], ["stack"]]);
    expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/);
    expect(service.healthcheck?.test[0]).toBe("CMD-SHELL");
  });

  it("shows Grafana to this machine alone, and Prometheus to nobody", () => {
    expect(document.services["prometheus"]!.ports).toBeUndefined();
    expect(document.services["grafana"]!.ports).toEqual([
      { target: 3000, host_ip: "127.0.0.1", published: "3999", protocol: "tcp" },
    ]);
  });

  it("has no way in for Grafana's administrator, whose first password everybody knows, and no key in its file", () => {
    expect(document.services["grafana"]!.environment).toMatchObject({
      GF_AUTH_BASIC_ENABLED: "false",
      GF_AUTH_DISABLE_LOGIN_FORM: "true",
      GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
      GF_SERVER_ENFORCE_DOMAIN: "true",
    });
    expect(rendered).not.toContain("canary");
  });

  it("mounts files that are there", () => {
    const mounts = extras.flatMap((name) => document.services[name]!.volumes ?? []);
    const ours = mounts.flatMap(({ source }) => (source.startsWith("../images/") ? [source.slice(3)] : []));
    expect(ours).toHaveLength(3);
    for (const path of ours)
      expect(() => readdirSync(join(root, path, path.endsWith(".yml") ? ".." : ""))).not.toThrow();
  });

  it("has Prometheus ask the router, with the key that is given to it", () => {
    const { scrape_configs: jobs } = parse(read("images/prometheus/prometheus.yml")) as {
      scrape_configs: {
        metrics_path: string;
        authorization: object;
        static_configs: { targets: string[] }[];
      }[];
    };
    expect(jobs).toHaveLength(1);
    expect(`http://${jobs[0]!.static_configs[0]!.targets[0]}`).toBe(router.url);
    expect(jobs[0]).toMatchObject({
      metrics_path: "/metrics",
      authorization: { type: "Bearer", credentials_file: metricsKeyFile },
    });
    expect(document.services["prometheus"]!.secrets).toEqual([
      { source: "metrics-key", target: "metrics-key" },
    ]);
    expect(Object.keys(document.secrets ?? {})).toContain("metrics-key");
  });
});

describe("Grafana's dashboard", () => {
  interface Dashboard {
    readonly uid: string;
    readonly panels: readonly {
      readonly id: number;
      readonly type: string;
      readonly title: string;
      readonly datasource: { readonly type: string; readonly uid: string };
      readonly fieldConfig: { readonly defaults: { readonly unit: string } };
      readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
      readonly targets: readonly {
        readonly refId: string;
        readonly datasource: { readonly type: string; readonly uid: string };
        readonly expr: string;
        readonly legendFormat: string;
      }[];
    }[];
    readonly templating: {
      readonly list: readonly { readonly name: string; readonly definition?: string }[];
    };
  }
  const dashboard = JSON.parse(read("images/grafana/dashboards/switchyard.json")) as Dashboard;
  const queries = [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...dashboard.templating.list.flatMap(({ definition }) => (definition === undefined ? [] : [definition])),
  ];

  const served = async (): Promise<ReturnType<typeof readExposition>> => {
    const metrics = new TurnMetrics();
    metrics.observe(turnRecord(), config);
    metrics.observe(turnRecord({ cost: null }), config);
    const state = createMemoryState({ log: { warn: () => undefined } });
    const context = { config, state, flights: { all: 1, draining: false }, reloader: { stale: false } };
    return readExposition(exposition(metrics.metrics, await gauges(context as unknown as RouterContext)));
  };

  it("asks for nothing that the router does not tell", async () => {
    const families = await served();
    const names = new Set(queries.flatMap((query) => query.match(/\b(?:switchyard|process)_\w+/g) ?? []));
    expect(names.size).toBeGreaterThan(8);
    const known = new Set(
      [...families].flatMap(([name, { kind }]) => (kind === "histogram" ? [`${name}_bucket`] : [name])),
    );
    expect([...names].filter((name) => !known.has(name))).toEqual([]);
  });

  it("goes by labels and values that there are", async () => {
    const families = await served();
    const labels = new Set(
      [...families.values()].flatMap(({ samples }) =>
        [...samples.keys()].flatMap((key) => [...key.matchAll(/(\w+)="/g)].map(([, name]) => name!)),
      ),
    );
    // Prometheus's own.
    for (const name of ["job", "instance", "le"]) labels.add(name);
    const asked = queries.flatMap((query) => [
      ...[...query.matchAll(/(\w+)=~?"/g)].map(([, name]) => name!),
      ...[...query.matchAll(/\bby \(([^)]+)\)/g)].flatMap(([, names]) => names!.split(", ")),
    ]);
    const shown = dashboard.panels.flatMap(({ targets }) =>
      targets.flatMap(({ legendFormat }) =>
        [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!),
      ),
    );
    expect([...asked, ...shown].filter((name) => !labels.has(name))).toEqual([]);
    for (const type of ["input", "cache_read", "cache_write"])
      expect([...families.get("switchyard_tokens_total")!.samples.keys()].join()).toContain(`type="${type}"`);
  });

  it("has brackets that close, and panels that do not lie on each other", () => {
    for (const query of queries)
      for (const [open, close] of ["()", "{}", "[]"])
        expect(query.split(open!).length).toBe(query.split(close!).length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)}:${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it("has panels of kinds and units that Grafana knows, each asked of the chosen data source", () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, type, datasource, fieldConfig, targets } of panels) {
      expect(["stat", "timeseries"], title).toContain(type);
      // As @grafana/data calls them: a count, a share of 1, US dollars, seconds, bytes.
      expect(["short", "percentunit", "currencyUSD", "s", "bytes"], title).toContain(
        fieldConfig.defaults.unit,
      );
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
      for (const asked of [datasource, ...targets.map((target) => target.datasource)])
        expect(asked, title).toEqual({ type: "prometheus", uid: "${datasource}" });
    }
  });

  it("is asked of the data source that is provisioned", () => {
    const { datasources } = parse(read("images/grafana/provisioning/datasources/prometheus.yaml")) as {
      datasources: { uid: string; url: string }[];
    };
    expect(datasources).toMatchObject([{ uid: "switchyard-prometheus", url: "http://prometheus:9090" }]);
    expect(JSON.stringify(dashboard)).toContain('"value":"switchyard-prometheus"');
  });
});
