import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { containerConfig, localProviders, referencedVariables } from "../../src/config/container.ts";
import { place } from "./support.ts";

interface Written {
  server: { host: string; port: number; clientKeys: string[] };
  providers: Record<string, { baseUrl?: string; keys?: string[]; headers?: Record<string, string> }>;
}

describe("the configuration of a container", () => {
  test("listens on all of its interfaces, on the given port, with the stack's client key", () => {
    const source = place('server: { port: 4000, clientKeys: ["${TEAM_KEY}"] }\n').source({
      TEAM_KEY: "team-secret",
    });
    const { server } = parse(containerConfig(source, { port: 3000 })) as Written;
    expect(server).toMatchObject({
      host: "0.0.0.0",
      port: 3000,
      clientKeys: ["${SWITCHYARD_CLIENT_KEY:-}", "${TEAM_KEY}"],
    });
  });

  test("reaches servers of this machine by the gateway, those of presets and of variables too", () => {
    const source = place(
      [
        "providers:",
        "  one: { preset: ollama }",
        "  two: { dialect: openai-chat, baseUrl: 'http://[::1]:9/v1', keys: [] }",
        "  three: { dialect: openai-chat, baseUrl: '${URL_A}', keys: [] }",
        "  four: { dialect: openai-chat, baseUrl: '${URL_B:-http://localhost/v1}', keys: [] }",
        "  five: { dialect: openai-chat, baseUrl: '${URL_C}', keys: [] }",
        "  six: { dialect: openai-chat, baseUrl: 'http://localhost.example.com/v1', keys: [] }",
      ].join("\n"),
    ).source({ URL_A: "http://127.0.0.1:7/v1", URL_C: "https://far.example/v1" });
    const { providers } = parse(containerConfig(source, { port: 3000 })) as Written;
    expect(
      Object.fromEntries(Object.entries(providers).map(([name, { baseUrl }]) => [name, baseUrl])),
    ).toMatchObject({
      local: "http://host.docker.internal:11434/v1",
      one: "http://host.docker.internal:11434/v1",
      two: "http://host.docker.internal:9/v1",
      three: "http://host.docker.internal:7/v1",
      four: "http://host.docker.internal/v1",
      five: "${URL_C}",
      six: "http://localhost.example.com/v1",
    });
    expect(localProviders(source).map(({ name }) => name)).toEqual(["local", "one", "two", "three", "four"]);
  });

  test("holds no key, not even one that was written out", () => {
    const source = place(
      'providers: { a: { preset: openai, keys: [written-out-key, "${K}"], headers: { x-api-key: other-written-key, x-team: blue } } }\n',
    ).source({ K: "key-of-a-variable", OPENROUTER_API_KEY: "router-key" });
    const text = containerConfig(source, { port: 3000 });
    for (const secret of ["written-out-key", "other-written-key", "key-of-a-variable", "router-key"]) {
      expect(text).not.toContain(secret);
    }
    expect((parse(text) as Written).providers["a"]?.headers?.["x-team"]).toBe("blue");
    const values = new Map(referencedVariables(source).map(({ name, value }) => [name, value]));
    expect(values.get("SWITCHYARD_LITERAL_PROVIDERS_A_KEYS_0")).toBe("written-out-key");
    expect(values.get("K")).toBe("key-of-a-variable");
  });

  test("means the same there as here, given the variables and nothing else", () => {
    const here = place(
      'server: { clientKeys: [my-client-key] }\nproviders: { a: { preset: zai, keys: [written-out] } }\nroutes: { think:, default: "a,glm-4.6" }\n',
    );
    const source = here.source({ GEMINI_API_KEY: "gemini-key", ANTHROPIC_API_KEY: "must-stay-out" });
    const env = Object.fromEntries(
      referencedVariables(source).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    );
    expect(Object.values(env)).not.toContain("must-stay-out");
    const inside = place(containerConfig(source, { port: 3000 })).load(env, { keyFiles: false });
    const outside = here.load({ GEMINI_API_KEY: "gemini-key" });
    expect(inside.routes).toEqual(outside.routes);
    expect([...inside.providers].filter(([name]) => name !== "local")).toEqual(
      [...outside.providers].filter(([name]) => name !== "local"),
    );
    expect(inside.server.clientKeys).toEqual(["my-client-key"]);
    expect(inside.models).toEqual(outside.models);
  });

  test("says which variables are set, and where each is used", () => {
    const source = place(
      'providers: { a: { preset: gemini, keys: ["${GEMINI_API_KEY}", "${EMPTY}"] } }\n',
    ).source({
      GEMINI_API_KEY: "x",
      EMPTY: "",
    });
    const list = referencedVariables(source);
    expect(list.map(({ name, set }) => [name, set])).toEqual([
      ["SWITCHYARD_CLIENT_KEY", false],
      ["OPENROUTER_API_KEY", false],
      ["GEMINI_API_KEY", true],
      ["EMPTY", false],
      ["CUSTOM_ROUTER_PATH", false],
      ["OTEL_EXPORTER_OTLP_ENDPOINT", false],
      ["OTEL_EXPORTER_OTLP_HEADERS", false],
      ["OTEL_SERVICE_NAME", false],
    ]);
    expect(list[2]?.usedAt).toEqual([
      ["providers", "gemini", "keys", 0],
      ["providers", "a", "keys", 0],
    ]);
  });
});
