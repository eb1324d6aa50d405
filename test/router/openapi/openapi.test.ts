/** `GET /api/openapi.json`: says of every endpoint what it is, and true things of its answers. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RouterContext } from "../../../src/router/endpoints/context.ts";
import { accessOf } from "../../../src/router/admin/guard.ts";
import { endpoints } from "../../../src/router/endpoints/index.ts";
import { openApiDocument } from "../../../src/router/openapi/document.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { smallRequest, testRouter, type TestRouter } from "../../support/router.ts";

closeAfterEach();

interface Media {
  readonly schema: object;
}
interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Media>> }>>;
}
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
const document = openApiDocument("1.2.3") as unknown as Document;

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);
/** `/v1/models/{id}`, `/api/turns/:id` and `/assets/*` alike. */
const shape = (path: string): string => path.replaceAll(/\{\w+\}|:\w+/g, "*");
// Their handlers are made, and none is called.
const routes = endpoints({ config: { server: {} } } as unknown as RouterContext);

/**
 * Objects hold what is described and nothing else, where nothing else is said: what an answer has and the document has not is a lack of the document. Parts of an
 * `allOf` are left open, for each knows its own half.
 */
const closed = (schema: unknown, open = false): unknown => {
  if (Array.isArray(schema)) return schema.map((each) => closed(each, open));
  if (typeof schema !== "object" || schema === null) return schema;
  const isObject = "properties" in schema && !("additionalProperties" in schema);
  return {
    ...Object.fromEntries(
      Object.entries(schema).map(([key, value]) => [key, closed(value, key === "allOf")]),
    ),
    ...(isObject && !open && { unevaluatedProperties: false }),
    ...("allOf" in schema && { type: "object", unevaluatedProperties: false }),
  };
};
/** A component is open where it is a part of an `allOf`. */
const inPieces = new Set(["ClientKey", "ClientKeyTerms", "UsageRow"]);
const ajv = new Ajv2020({ strict: true, allErrors: true, validateFormats: false, allowUnionTypes: true });
const schemas = Object.fromEntries(
  Object.entries(document.components.schemas).map(([name, schema]) => [
    name,
    closed(schema, inPieces.has(name)),
  ]),
);

const problemsOf = (schema: object, value: unknown): string[] => {
  const whole = { ...(closed(schema) as object), components: { schemas } };
  const validate = ajv.compile(whole);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};
ajv.addKeyword("components");

describe("the document", () => {
  it("describes every endpoint, and none that is none", () => {
    const served = routes.flatMap(({ methods, path }) =>
      methods.filter((method) => method !== "HEAD").map((method) => `${method} ${shape(path)}`),
    );
    const described = operations.map(({ method, path }) => `${method} ${shape(path)}`);
    expect(described.toSorted()).toEqual(served.toSorted());
  });

  it("says that the administrator alone may ask where that is so", () => {
    const admin = new Set(
      routes.flatMap((route) =>
        accessOf(route) === "admin" ? route.methods.map((method) => `${method} ${shape(route.path)}`) : [],
      ),
    );
    for (const { method, path, operation } of operations) {
      const isAdmin =
        JSON.stringify(operation.security) === JSON.stringify([{ adminToken: [] }, { adminSession: [] }]);
      expect([method, path, isAdmin]).toEqual([method, path, admin.has(`${method} ${shape(path)}`)]);
    }
  });

  it("has a name of its own for each operation, and sound schemas", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of operations)
      for (const { content } of Object.values(operation.responses))
        for (const { schema } of Object.values(content)) expect(() => problemsOf(schema, null)).not.toThrow();
  });

  it("a schema that misses a field of an answer is noticed", () => {
    expect(
      problemsOf({ $ref: "#/components/schemas/RouteTarget" }, { target: "a,b", unusable: null }),
    ).toEqual([]);
    expect(
      problemsOf({ $ref: "#/components/schemas/RouteTarget" }, { target: "a,b", unusable: null, more: 1 }),
    ).not.toEqual([]);
    expect(problemsOf({ $ref: "#/components/schemas/RouteTarget" }, { target: "a,b" })).not.toEqual([]);
  });
});

describe("answers", () => {
  const yaml = [
    'providers: { a: { dialect: openai-chat, baseUrl: "http://127.0.0.1:1/v1", keys: ["sk-0123456789"] } }',
    'routes: { default: "demo,echo", background: ["a,m", "demo,echo"] }',
    'rules: [{ name: night, when: { lastUser: "never" }, use: "demo,echo" }]',
    "budgets: [{ limit: 5 }]",
  ].join("\n");
  let r: TestRouter;
  const asked = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const answer = await fetch(`${r.url}${path}`, {
      method,
      headers: {
        ...(path.startsWith("/v1/") ? {} : r.admin),
        ...headers,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const type = answer.headers.get("content-type")?.split(";", 1)[0] ?? "";
    const text = await answer.text();
    return {
      status: answer.status,
      type,
      value: type === "application/json" ? (JSON.parse(text) as unknown) : text,
    };
  };
  /** What is wrong with an answer by the description of the operation. */
  const wrong = async (
    method: string,
    template: string,
    given: { path?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<unknown> => {
    const operation = document.paths[template]![method.toLowerCase()]!;
    const problems =
      given.body === undefined || operation.requestBody === undefined
        ? []
        : problemsOf(operation.requestBody.content["application/json"]!.schema, given.body);
    const { status, type, value } = await asked(method, given.path ?? template, given.body, given.headers);
    const described = operation.responses[String(status)] ?? operation.responses["default"]!;
    const media = described.content[type] ?? described.content["*/*"];
    if (media === undefined) return { status, type, expected: Object.keys(described.content) };
    return { status, problems: [...problems, ...problemsOf(media.schema, value)] };
  };
  const fine = (status = 200): object => ({ status, problems: [] });

  // One for all that leave it as it was.
  let shared: TestRouter;
  beforeAll(async () => {
    shared = await testRouter(yaml);
    r = shared;
    await r.ask();
  });
  afterAll(() => shared.close());
  beforeEach(() => (r = shared));
  const opened = async (): Promise<void> => {
    r = closing(await testRouter(yaml));
  };

  it.each<[string, string, { path?: string; body?: unknown; headers?: Record<string, string> }?]>([
    ["POST", "/v1/messages", { body: smallRequest }],
    ["POST", "/v1/messages", { body: { ...smallRequest, stream: true } }],
    ["POST", "/v1/messages/count_tokens", { body: smallRequest }],
    [
      "POST",
      "/v1/chat/completions",
      { body: { model: "demo,echo", messages: [{ role: "user", content: "hi" }] } },
    ],
    ["POST", "/v1/responses", { body: { model: "demo,echo", input: "hi", store: false } }],
    ["GET", "/v1/models"],
    ["GET", "/v1/models", { headers: { "user-agent": "OpenAI/JS", authorization: "Bearer x" } }],
    ["GET", "/v1/models/{id}", { path: "/v1/models/demo,echo" }],
    ["GET", "/sessions/{id}", { path: "/sessions/none" }],
    ["GET", "/api/hello"],
    ["GET", "/health"],
    ["GET", "/ready"],
    ["GET", "/metrics"],
    ["GET", "/"],
    ["GET", "/api/openapi.json"],
    ["POST", "/api/route", { body: smallRequest }],
    ["GET", "/api/state"],
    ["POST", "/api/reload"],
    ["POST", "/api/cooldowns/clear", { body: { provider: "a" } }],
    ["GET", "/api/providers"],
    ["POST", "/api/providers/{name}", { path: "/api/providers/a", body: { enabled: false } }],
    ["GET", "/api/routes"],
    ["GET", "/api/logs", { path: "/api/logs?limit=10" }],
    ["GET", "/api/session"],
    ["POST", "/api/logout"],
    ["POST", "/api/admin/token", { body: { hash: "0".repeat(64) } }],
    ["GET", "/api/keys"],
    ["GET", "/api/budgets"],
    ["GET", "/api/configs"],
    ["GET", "/api/config"],
    ["POST", "/api/config/check", { body: { text: "log: { level: info }\n" } }],
    ["POST", "/api/config/check", { body: { text: "log: { level: loud }\n" } }],
    ["GET", "/api/usage", { path: "/api/usage?by=day" }],
    ["GET", "/api/usage/series"],
    ["GET", "/api/usage/export"],
    ["GET", "/api/usage/export", { path: "/api/usage/export?format=json" }],
    ["GET", "/api/turns"],
    ["GET", "/api/token-stats"],
    ["GET", "/api/captures"],
    ["POST", "/api/captures/delete", { body: { all: true } }],
    ["POST", "/api/token-stats/reset"],
    ["GET", "/token-stats.html"],
  ])("of %s %s are as described", async (method, template, given) => {
    expect(await wrong(method, template, given)).toEqual(fine());
  });

  it("of client keys, from the first to the last", async () => {
    await opened();
    const body = { name: "ann", models: ["demo,*"], budget: { limit: 1, per: "day" }, requestsPerMinute: 5 };
    expect(await wrong("POST", "/api/keys", { body })).toEqual(fine());
    expect(await wrong("POST", "/api/keys/rotate", { body: { name: "ann", grace: 1_000 } })).toEqual(fine());
    expect(await wrong("GET", "/api/keys")).toEqual(fine());
    expect(await wrong("GET", "/api/budgets")).toEqual(fine());
    expect(await wrong("POST", "/api/keys/revoke", { body: { name: "ann" } })).toEqual(fine());
  });

  it("of the editor: saved, refused, and the version before", async () => {
    await opened();
    const read = async () =>
      (await asked("GET", "/api/config")).value as { text: string; version: string; backups: string[] };
    const { text, version } = await read();
    expect(await wrong("PUT", "/api/config", { body: { text: "routes: 5\n", version } })).toEqual(fine(422));
    expect(await wrong("PUT", "/api/config", { body: { text: `${text}\n# more\n`, version } })).toEqual(
      fine(),
    );
    const [name] = (await read()).backups;
    expect(await wrong("GET", "/api/config/backup", { path: `/api/config/backup?name=${name}` })).toEqual(
      fine(),
    );
    expect(await wrong("PUT", "/api/config", { body: { text, version } })).toEqual(fine(409));
  });

  it.each([
    ["GET", "/api/state", 401, { path: "/api/state", headers: { "x-switchyard-admin": "wrong" } }],
    ["GET", "/api/captures/{id}", 404, { path: "/api/captures/req_none" }],
    ["GET", "/api/turns/{id}", 404, { path: "/api/turns/req_none" }],
    ["POST", "/v1/messages", 400, { body: { model: "m" } }],
    ["POST", "/v1/chat/completions", 400, { body: { model: "m" } }],
    ["POST", "/api/login", 401, { body: { token: "wrong" } }],
    ["GET", "/api/usage", 400, { path: "/api/usage?by=nothing" }],
  ])("of %s %s that fail (%i) are errors as described", async (method, template, status, given) => {
    expect(await wrong(method, template, given)).toEqual(fine(status));
  });
});
