/** A real Prometheus on loopback that scrapes one router, and the questions that Grafana asks of it. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { programInPath } from "./program.ts";
import { root } from "./project.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const program = programInPath("prometheus");
const promtool = programInPath("promtool");

export const neededPrometheus = {
  name: "a Prometheus with its promtool",
  install: "on Debian: apt-get install prometheus",
  there: program !== undefined && promtool !== undefined,
};

interface ScrapeConfig {
  global: { scrape_interval: string };
  scrape_configs: {
    job_name: string;
    authorization: { credentials_file: string };
    static_configs: { targets: string[] }[];
  }[];
}

/** The stack's own file, with the router's address, the key's file and the pace of a test in it. */
const configFor = (router: string, keyFile: string): ScrapeConfig => {
  const text = readFileSync(join(root, "images/prometheus/prometheus.yml"), "utf8");
  const config = parse(text) as ScrapeConfig;
  config.global.scrape_interval = "300ms";
  const [job] = config.scrape_configs;
  job!.authorization.credentials_file = keyFile;
  job!.static_configs[0]!.targets = [new URL(router).host];
  return config;
};

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Of a question at one time. */
  readonly value?: readonly [at: number, value: string];
  /** Of one over a range of times. */
  readonly values?: readonly (readonly [at: number, value: string])[];
}

export interface PrometheusServer extends ServerProcess {
  /** `/api/v1/…`. @throws Error with Prometheus's own words */
  api<Data>(path: string, parameters?: Record<string, string>): Promise<Data>;
  /** As it is now. */
  query(expression: string): Promise<readonly Series[]>;
  /** Over the last minute. */
  queryRange(expression: string): Promise<readonly Series[]>;
  /** The sum of what an expression has now; NaN where it has nothing. */
  number(expression: string): Promise<number>;
}

/** @param router its address; @param key that opens its metrics */
export const startPrometheus = async (router: string, key: string): Promise<PrometheusServer> => {
  const server = await startServer((port, file, folder) => {
    const keyFile = join(folder, "metrics-key");
    writeFileSync(keyFile, key, { mode: 0o600 });
    return {
      name: "Prometheus",
      program: program!,
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      config: configFor(router, keyFile),
      ready: async (url) => (await fetch(`${url}/-/ready`)).ok,
    };
  });
  const api = async <Data>(path: string, parameters: Record<string, string> = {}): Promise<Data> => {
    const asked = `${server.url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`;
    const answer = (await (await fetch(asked)).json()) as { status: string; data: Data; error?: string };
    if (answer.status !== "success") throw new Error(`${parameters["query"] ?? path}: ${answer.error}`);
    return answer.data;
  };
  const query: PrometheusServer["query"] = async (expression) =>
    (await api<{ result: Series[] }>("query", { query: expression })).result;
  return {
    ...server,
    api,
    query,
    queryRange: async (expression) => {
      const end = Date.now() / 1_000;
      const range = { start: String(end - 60), end: String(end), step: "1" };
      return (await api<{ result: Series[] }>("query_range", { query: expression, ...range })).result;
    },
    number: async (expression) => {
      const [found] = await query(`sum(${expression})`);
      return found?.value === undefined ? Number.NaN : Number(found.value[1]);
    },
  };
};

/** @throws Error with promtool's words where it found a fault */
const runPromtool = async (args: readonly string[], input = ""): Promise<string> => {
  const run = promisify(execFile)(promtool!, args);
  run.child.stdin?.end(input);
  const { stdout, stderr } = await run;
  return `${stdout}${stderr}`;
};

/** @param text of an exposition. @returns what promtool would have mended in it */
export const checkMetrics = (text: string): Promise<string> => runPromtool(["check", "metrics"], text);

/** The configuration by itself, without the files that it names. @param text YAML. @returns what promtool said */
export const checkConfig = async (text: string): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-promtool-"));
  try {
    const file = join(folder, "prometheus.yml");
    writeFileSync(file, text);
    return await runPromtool(["check", "config", "--syntax-only", file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
