/** A small OTLP/HTTP collector: keeps what it gets, and answers as it is told. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** Of one that passes on: what the other answered. */
  readonly answer?: { readonly status: number; readonly text: string };
}

export interface Collector {
  readonly url: string;
  readonly received: Received[];
  /** Statuses of the next answers; then 200. */
  readonly answers: { readonly status: number; readonly headers?: Record<string, string> }[];
  /** Resolves when it has got so many requests of the path. */
  got(path: string, count: number): Promise<Received[]>;
  close(): Promise<void>;
}

/** @returns what a collector at `url` answers to the same request */
const passOn = async (
  url: string,
  { path, headers }: Pick<Received, "path" | "headers">,
  text: string,
): Promise<{ readonly status: number; readonly text: string }> => {
  const answer = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": headers["content-type"] ?? "" },
    body: text,
  });
  return { status: answer.status, text: await answer.text() };
};

/** @param behind base URL of another, which gets what comes, and whose answers are given */
export const collector = async (behind?: string): Promise<Collector> => {
  const received: Received[] = [];
  const answers: Collector["answers"] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part));
    const finish = async (): Promise<void> => {
      const one = { path: request.url ?? "", headers: request.headers };
      const answer = behind === undefined ? undefined : await passOn(behind, one, text);
      received.push({ ...one, body: JSON.parse(text) as unknown, ...(answer !== undefined && { answer }) });
      const { status, headers = {} } = answers.shift() ?? { status: answer?.status ?? 200 };
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(answer?.text ?? "{}");
      for (const look of waiting) look();
    };
    request.on("end", () => void finish());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const of = (path: string): Received[] => received.filter((each) => each.path === path);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers,
    got: (path, count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (of(path).length < count) return;
          waiting.delete(look);
          resolve(of(path));
        };
        waiting.add(look);
        look();
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Attributes of OTLP's JSON as a plain object: every value as it stands, an integer as a number. */
export const plainAttributes = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [kind, inner] = Object.entries(value)[0]!;
      return [key, kind === "intValue" ? Number(inner) : inner];
    }),
  );

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number; readonly message?: string };
}

export const spansIn = (body: unknown): ReceivedSpan[] =>
  (body as { resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[] }).resourceSpans.flatMap(
    ({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans),
  );

export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly histogram?: {
    readonly aggregationTemporality: number;
    readonly dataPoints: readonly {
      readonly attributes: readonly Attribute[];
      readonly count: string;
      readonly sum: number;
      readonly bucketCounts: readonly string[];
      readonly explicitBounds: readonly number[];
    }[];
  };
  readonly sum?: {
    readonly isMonotonic: boolean;
    readonly dataPoints: readonly { readonly attributes: readonly Attribute[]; readonly asDouble: number }[];
  };
}

export const metricsIn = (body: unknown): ReceivedMetric[] =>
  (body as { resourceMetrics: { scopeMetrics: { metrics: ReceivedMetric[] }[] }[] }).resourceMetrics.flatMap(
    ({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics),
  );
