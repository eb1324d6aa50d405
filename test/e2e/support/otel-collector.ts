/** A real OpenTelemetry collector on loopback, and what it was sent and has understood. */
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { collector, type Collector } from "../../support/collector.ts";
import { root } from "./project.ts";
import { startServer } from "./server-process.ts";

const script = join(root, "scripts/otel-collector.sh");

const canBeBuilt = (): boolean => {
  try {
    execFileSync(script, ["--check"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

export const neededCollector = {
  name: "a Go to build the OpenTelemetry collector with",
  install: "on Debian: apt-get install golang-go",
  there: canBeBuilt(),
};

export interface OtelCollector {
  /** Where it is sent to. What comes there goes on to the collector as it is. */
  readonly sent: Collector;
  /** What the collector passes on, written anew by itself. */
  readonly understood: Collector;
  close(): Promise<void>;
}

/** Takes OTLP over HTTP, and passes on each request at once, as JSON. */
const configFor = (port: number, to: string): object => ({
  receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
  exporters: {
    otlp_http: { endpoint: to, encoding: "json", compression: "none", sending_queue: { enabled: false } },
  },
  service: {
    pipelines: {
      traces: { receivers: ["otlp"], exporters: ["otlp_http"] },
      metrics: { receivers: ["otlp"], exporters: ["otlp_http"] },
    },
  },
});

/** Builds it where the cache holds none, and starts it. */
export const startOtelCollector = async (): Promise<OtelCollector> => {
  const built = await promisify(execFile)(script, { maxBuffer: 1 << 24 });
  const understood = await collector();
  const server = await startServer((port, file) => ({
    name: "the collector",
    program: built.stdout.trim(),
    args: [`--config=file:${file}`],
    config: configFor(port, understood.url),
    // Without a span in it: it is taken, and nothing is passed on.
    ready: async (url) =>
      (
        await fetch(`${url}/v1/traces`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: "{}",
        })
      ).ok,
  }));
  const sent = await collector(server.url);
  return {
    sent,
    understood,
    close: async () => {
      await sent.close();
      await server.close();
      await understood.close();
    },
  };
};
