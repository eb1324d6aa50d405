import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defaultPolicy } from "../../../src/config/resolve-failures.ts";
import type { FailurePolicy, FailureRule } from "../../../src/config/types.ts";
import { anthropic } from "../../../src/router/dialects/anthropic/index.ts";
import type { HttpDialect } from "../../../src/router/dialects/dialect.ts";
import { gemini } from "../../../src/router/dialects/gemini/index.ts";
import { openaiChat } from "../../../src/router/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../../src/router/dialects/openai-responses/index.ts";
import { classify, type Failure } from "../../../src/router/failures/classify.ts";
import type { FailureKind } from "../../../src/router/failures/kinds.ts";
import { failureOf, failureOfError } from "../../../src/router/upstream/failures.ts";
import { withFolder } from "../../support/data-folders.ts";
import { error, typed } from "./case.ts";
import { chatCases } from "./cases-chat.ts";
import { anthropicCases, geminiCases, responsesCases } from "./cases-other.ts";

/** A provider's error answer as an attempt hands it on. */
const failure = (dialect: HttpDialect, status: number, body: unknown): Failure => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { ...dialect.decodeError(status, {}, text), sentStatus: status, said: text.slice(0, 8000) };
};
const kindOf = (dialect: HttpDialect, status: number, body: unknown): FailureKind =>
  classify(failure(dialect, status, body), defaultPolicy).kind;

describe.each([
  ["openai-chat", openaiChat, chatCases],
  ["gemini", gemini, geminiCases],
  ["anthropic", anthropic, anthropicCases],
  ["openai-responses", openaiResponses, responsesCases],
])("what a provider of %s says", (_, dialect, cases) => {
  test.each(cases)("%s: %s", (_who, kind, status, body) => {
    expect(kindOf(dialect, status, body)).toBe(kind);
  });
});

describe("what was no answer", () => {
  const code = (name: string): Error => Object.assign(new Error(name), { code: name });
  test.each<[string, FailureKind, boolean]>([
    ["ECONNREFUSED", "unreachable", false],
    ["ECONNRESET", "unreachable", false],
    ["ENOTFOUND", "unreachable", false],
    ["UND_ERR_CONNECT_TIMEOUT", "unreachable", false],
    ["UND_ERR_HEADERS_TIMEOUT", "timeout", false],
    ["UND_ERR_BODY_TIMEOUT", "timeout", true],
    ["UND_ERR_SOCKET", "broken", true],
    ["UND_ERR_INVALID_ARG", "keyRejected", false],
  ])("%s is %s", (name, kind, headSeen) => {
    expect(classify(failureOfError(code(name), "p (http://h)", headSeen), defaultPolicy).kind).toBe(kind);
  });
  test("a body that is no JSON is broken, and what the target cannot do is for another", () => {
    expect(classify(failureOf("upstream.notJson", "p sent an HTML page"), defaultPolicy).kind).toBe("broken");
    const unable: Failure = {
      status: 400,
      type: "invalid_request_error",
      message: "no tools",
      elsewhere: true,
    };
    expect(classify(unable, defaultPolicy).kind).toBe("unable");
  });
});

describe("what follows", () => {
  test("an overloaded model is left for the next target; the last one is asked again", () => {
    const overloaded = failure(anthropic, 529, typed("overloaded_error", "Overloaded"));
    expect(classify(overloaded, defaultPolicy)).toMatchObject({ step: "next-target", cools: "model" });
    expect(classify(overloaded, defaultPolicy, { alone: true }).step).toBe("retry");
  });
  test("a key that may not use one model rests for that model, a wrong one for all", () => {
    const noModel = failure(openaiChat, 403, error("Project does not have access to model gpt-5"));
    expect(classify(noModel, defaultPolicy)).toMatchObject({ step: "next-key", cools: "key-model" });
    const wrong = failure(openaiChat, 401, error("Incorrect API key provided"));
    expect(classify(wrong, defaultPolicy)).toMatchObject({
      step: "next-key",
      cools: "key",
      opens: "at-once",
    });
  });
});

describe("the provider's own rules go before the table", () => {
  const policy = (...rules: Partial<FailureRule>[]): FailurePolicy => ({
    ...defaultPolicy,
    rules: rules.map((rule) => ({
      statuses: [],
      words: undefined,
      as: undefined,
      step: undefined,
      wait: undefined,
      ...rule,
    })),
  });
  const conflict = failure(openaiChat, 409, error("locked, try again"));

  test("by status and words, both of which must hold; the first that matches decides", () => {
    const rules = policy(
      { statuses: [[409, 409]], words: /no such words/i, as: "badRequest" },
      {
        statuses: [
          [500, 599],
          [409, 409],
        ],
        words: /TRY again/i,
        as: "rateLimited",
      },
      { statuses: [[409, 409]], as: "quota" },
    );
    expect(classify(conflict, rules)).toMatchObject({
      kind: "rateLimited",
      step: "next-key",
      cools: "key-model",
    });
    expect(classify(failure(openaiChat, 409, error("locked")), rules).kind).toBe("quota");
    expect(classify(failure(openaiChat, 418, error("try again")), rules).kind).toBe("badRequest");
  });

  test("by the status that the provider sent, not by the one that the client gets", () => {
    const noCredit = failure(openaiChat, 429, error("no", { code: "insufficient_quota" }));
    expect(noCredit.status).toBe(402);
    expect(classify(noCredit, policy({ statuses: [[429, 429]], as: "rateLimited" })).kind).toBe(
      "rateLimited",
    );
  });

  test("`then` is a step of its own, and `wait` lets it rest even where nothing would", () => {
    const maintenance = failure(openaiChat, 400, error("down for maintenance"));
    expect(classify(maintenance, policy({ words: /maintenance/i, step: "next-target", wait: 5000 }))).toEqual(
      {
        kind: "badRequest",
        step: "next-target",
        cools: "model",
        opens: "at-once",
        wait: 5000,
      },
    );
    expect(classify(maintenance, policy({ words: /maintenance/i, step: "retry", wait: 5000 }))).toMatchObject(
      {
        step: "retry",
        cools: "nothing",
        opens: "in-a-row",
        wait: 5000,
      },
    );
  });
});

withFolder("RECORDINGS", "kinds of recorded errors", (root) => {
  const recorded: [id: string, dialect: HttpDialect, kind: FailureKind][] = [
    ["gemini/google-vertex-pydantic-ai-model-sees-multiple-images-google-vertex-i1", gemini, "badRequest"],
    [
      "anthropic/anthropic-ruby-llm-chat-error-handling-with-anthropic-claude-haiku-4-5-raises-appropriate-auth",
      anthropic,
      "keyRejected",
    ],
    ["openai_chat/groq-pydantic-ai-tool-use-failed-error-with-text", openaiChat, "broken"],
    ["openai_chat/openai-pydantic-ai-model-name-suggestion-openai-chat", openaiChat, "modelUnknown"],
    ["openai_chat/openrouter-pydantic-ai-openrouter-errors-raised", openaiChat, "overloaded"],
  ];
  const read = (id: string, name: string): string => readFileSync(join(root, id, name), "utf8");
  test.each(recorded)("recorded: %s", (id, dialect, kind) => {
    const { http_status: status } = JSON.parse(read(id, "meta.json")) as { http_status: number };
    expect(kindOf(dialect, status, read(id, "response.json"))).toBe(kind);
  });
});

withFolder("CASES", "kinds of errors of other gateways", (root) => {
  const cases = JSON.parse(readFileSync(join(root, "upstream_error__anthropic_error.json"), "utf8")) as {
    id: string;
    input: { upstream_status: number; upstream_body: unknown };
  }[];
  const kinds: Readonly<Record<number, FailureKind>> = {
    // {error: {message: "too many requests", code: 429}} under 200
    200: "rateLimited",
    400: "badRequest",
    401: "keyRejected",
    403: "keyRejected",
    404: "modelUnknown",
    429: "rateLimited",
    500: "unavailable",
    503: "unavailable",
    529: "overloaded",
  };
  test.each(cases)("$id", ({ input }) => {
    expect(kindOf(openaiChat, input.upstream_status, input.upstream_body)).toBe(kinds[input.upstream_status]);
  });
});
