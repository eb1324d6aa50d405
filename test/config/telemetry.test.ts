/** `telemetry` of the configuration. */
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { containerConfig, referencedVariables } from "../../src/config/container.ts";
import { place } from "./support.ts";

const canary = "collector-key-0123456789";

describe("telemetry", () => {
  test("is off, and comes from the variables that OpenTelemetry has for it", () => {
    expect(place("").load().telemetry).toBeUndefined();
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318/",
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${canary}, x-team=blue`,
      OTEL_SERVICE_NAME: "mine",
    };
    const config = place("").load(env);
    expect(config.telemetry).toEqual({
      endpoint: "http://127.0.0.1:4318",
      headers: { authorization: `Bearer ${canary}`, "x-team": "blue" },
      service: "mine",
      traces: true,
      metrics: true,
      interval: 60_000,
    });
    expect(config.secrets).toContain(`Bearer ${canary}`);
  });

  test("headers may be a map, and their values are secrets", () => {
    const config = place(
      `telemetry: { endpoint: "https://collector.example/otlp", headers: { x-key: "${canary}" }, metrics: false, interval: 10s }\n`,
    ).load();
    expect(config.telemetry).toMatchObject({
      headers: { "x-key": canary },
      metrics: false,
      interval: 10_000,
    });
    expect(config.secrets).toContain(canary);
  });

  test.each([
    ['endpoint: "collector:4318"', /telemetry\.endpoint: expected an http/],
    ['endpoint: "http://user:word@collector:4318"', /telemetry\.endpoint: expected an http/],
    ['endpoint: "http://c:1", headers: "secret-value-0123"', /telemetry\.headers: expected names and values/],
    [
      'endpoint: "http://c:1", headers: { "a b": "secret-value-0123" }',
      /telemetry\.headers: expected names and values/,
    ],
  ])("%s is told with its place, and without the value of a header", (text, message) => {
    const load = (): unknown => place(`telemetry: { ${text} }\n`).load();
    expect(load).toThrow(message);
    expect(load).not.toThrow(/secret-value/);
    expect(load).toThrow(/switchyard\.yaml:1:/);
  });

  test("in a container the collector of this machine is reached, and no header is written out", () => {
    const here = place(`telemetry: { endpoint: "http://127.0.0.1:4318", headers: { x-key: "${canary}" } }\n`);
    const text = containerConfig(here.source(), { port: 1 });
    expect(text).not.toContain(canary);
    expect(parse(text)).toMatchObject({
      telemetry: {
        endpoint: "http://host.docker.internal:4318",
        headers: { "x-key": "${SWITCHYARD_LITERAL_TELEMETRY_HEADERS_X_KEY}" },
      },
    });
    expect(referencedVariables(here.source()).map(({ name }) => name)).toContain(
      "SWITCHYARD_LITERAL_TELEMETRY_HEADERS_X_KEY",
    );
  });
});
