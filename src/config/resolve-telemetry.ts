/** `telemetry` of a checked configuration. Pure. */
import type { Problems } from "./problems.ts";
import type { RawConfig } from "./schema.ts";
import { type MapTree, positionAt } from "./tree.ts";
import type { TelemetryConfig } from "./types-telemetry.ts";
import { milliseconds } from "./units.ts";

const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The form of OTEL_EXPORTER_OTLP_HEADERS: `name=value,name=value`, percent-encoded (opentelemetry.io/docs/specs/otel/protocol/exporter).
 * @returns undefined where it is not of that form
 */
const headersOfText = (text: string): [string, string][] | undefined => {
  const pairs: [string, string][] = [];
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const at = part.indexOf("=");
    if (at < 1) return undefined;
    try {
      pairs.push([part.slice(0, at).trim(), decodeURIComponent(part.slice(at + 1).trim())]);
    } catch {
      return undefined;
    }
  }
  return pairs;
};

/** @returns undefined where nothing is to be sent. What is wrong is told, without its value: it may be secret. */
export const resolveTelemetry = (
  raw: RawConfig,
  tree: MapTree,
  problems: Problems,
): TelemetryConfig | undefined => {
  const given = raw.telemetry ?? {};
  const endpoint = (given.endpoint ?? "").trim();
  if (endpoint === "") return undefined;
  const tell = (key: string, what: string): undefined => {
    const path = ["telemetry", key];
    problems.add(positionAt(tree, path), path, what);
    return undefined;
  };
  const url = URL.parse(endpoint);
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== ""
  )
    return tell(
      "endpoint",
      "expected an http:// or https:// URL without user name, ? and #, as http://127.0.0.1:4318; put keys into `headers`.",
    );
  const pairs =
    typeof given.headers === "string" ? headersOfText(given.headers) : Object.entries(given.headers ?? {});
  const isSound = pairs?.every(([name, value]) => headerName.test(name) && headerValue.test(value)) === true;
  if (pairs === undefined || !isSound)
    return tell("headers", 'expected names and values of HTTP headers: a map, or "name=value,name=value".');
  return {
    endpoint: endpoint.replace(/\/+$/, ""),
    headers: Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])),
    service: (given.service ?? "").trim() || "switchyard",
    traces: given.traces ?? true,
    metrics: given.metrics ?? true,
    interval: Math.max(1_000, milliseconds(given.interval ?? "60s")),
  };
};
