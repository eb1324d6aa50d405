/** What a provider reported of an answer that broke off was used, and costs. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { TurnsAnswer } from "../../../src/router/ledger/queries.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanups.splice(0).toReversed()) await each();
});

const events = (...all: object[]): string =>
  all
    .map(
      (event) =>
        `${"type" in event ? `event: ${String(event.type)}\n` : ""}data: ${JSON.stringify(event)}\n\n`,
    )
    .join("");

const usage = { input_tokens: 900, cache_read_input_tokens: 100, output_tokens: 1 };

/** A stream in Anthropic's form that ends in the middle of its text. */
const broken = events(
  { type: "message_start", message: { type: "message", role: "assistant", content: [], usage } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Half a " } },
);

/** A stream of chat whose error tells what was used. */
const failing = events(
  { choices: [{ index: 0, delta: { role: "assistant", content: "Half a " } }] },
  {
    error: { code: 400, message: "Token limit reached" },
    choices: [],
    usage: { prompt_tokens: 43, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 3 } },
  },
);

const routerOf = async (stream: string, dialect: string): Promise<TestRouter> => {
  const server = createServer((req, res) => {
    req.resume().once("end", () => res.writeHead(200, { "content-type": "text/event-stream" }).end(stream));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const router = await testRouter(`
providers: { p: { dialect: ${dialect}, baseUrl: "http://127.0.0.1:${port}", keys: [] } }
routes: { default: "p,m" }
models: { "p,m": { price: { input: 10, output: 100, cacheRead: 1 } } }
`);
  cleanups.push(
    () => server.close(),
    () => router.close(),
  );
  return router;
};

it.each([
  // 900 x 10 + 100 x 1 + 1 x 100 millionths
  ["in the head of its message", "anthropic", broken, { input: 900, cacheRead: 100, output: 1 }, 0.0092],
  // 40 x 10 + 3 x 1 + 10 x 100
  ["beside its error", "openai-chat", failing, { input: 40, cacheRead: 3, output: 10 }, 0.001403],
])(
  "of an answer that breaks off the ledger has what the provider said %s",
  async (_, dialect, stream, tokens, cost) => {
    const router = await routerOf(stream, dialect);
    await (await router.ask({ stream: true })).text();
    const page = await fetch(`${router.url}/api/turns`, { headers: router.admin });
    const { turns } = (await page.json()) as TurnsAnswer;
    expect(turns).toMatchObject([{ outcome: "cut", tokens, cost: expect.closeTo(cost, 9) as number }]);
  },
);
