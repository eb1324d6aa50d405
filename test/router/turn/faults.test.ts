/** A defect of our own in reading an answer costs a turn at most, never the router. */
import { gzipSync } from "node:zlib";
import { afterEach, expect, it, vi } from "vitest";
import { anthropic } from "../../../src/router/dialects/anthropic/index.ts";
import { anthropicMessage, anthropicStream } from "../../support/provider/anthropic-stream.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { rawProvider } from "../../support/provider/raw.ts";
import { testRouter } from "../../support/router.ts";

closeAfterEach();
afterEach(() => vi.restoreAllMocks());

const broken = (): never => {
  throw new Error("a defect in /some/file.ts");
};

it.each([
  ["as it comes", undefined],
  ["packed", "gzip"],
])("the next target answers when the first's stream cannot be read (%s)", async (_name, encoding) => {
  const stream = Buffer.from(anthropicStream({ text: "second" }, "m"));
  const headers = { "content-type": "text/event-stream" };
  const first = closing(
    await rawProvider((res) =>
      encoding === undefined
        ? res.writeHead(200, headers).end(stream)
        : res.writeHead(200, { ...headers, "content-encoding": encoding }).end(gzipSync(stream)),
    ),
  );
  const second = closing(await rawProvider((res) => res.writeHead(200, headers).end(stream)));
  const r = closing(
    await testRouter(
      `providers:\n  a: { dialect: anthropic, baseUrl: "${first.url}", keys: [], failures: { tries: 1 } }\n  b: { dialect: anthropic, baseUrl: "${second.url}", keys: [] }\nroutes: { default: ["a,m", "b,m"] }`,
    ),
  );
  vi.spyOn(anthropic, "decodeStream").mockReturnValueOnce({ push: broken, end: broken, usage: undefined });
  const res = await r.ask({ stream: true });
  expect(res.headers.get("x-switchyard-target")).toBe("b,m");
  expect(await res.text()).toContain("second");
  expect(r.logs.join("")).toContain("a defect in");
});

it("the client is told in one sentence, without a stack, when no target is left", async () => {
  const up = closing(
    await rawProvider((res) =>
      res.writeHead(200, { "content-type": "application/json" }).end(anthropicMessage({ text: "hi" }, "m")),
    ),
  );
  const r = closing(
    await testRouter(
      `providers:\n  a: { dialect: anthropic, baseUrl: "${up.url}", keys: [] }\nroutes: { default: "a,m" }`,
    ),
  );
  vi.spyOn(anthropic, "decodeMessage").mockImplementation(broken);
  vi.spyOn(anthropic, "encode").mockImplementationOnce(broken);
  for (const stream of [false, true, false]) {
    const res = await r.ask({ stream });
    expect(res.status).toBe(500);
    const text = await res.text();
    expect(JSON.parse(text)).toMatchObject({ type: "error", error: { type: "api_error" } });
    expect(text).not.toContain("a defect in");
  }
  expect((await fetch(`${r.url}/health`)).status).toBe(200);
});
