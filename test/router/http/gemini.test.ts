/** Turns with Google's own API over real HTTP. */
import { afterEach, expect, it } from "vitest";
import { geminiStream, lastChunk, partsChunk } from "../../support/gemini-sse.ts";
import { type RawAnswer, rawProvider } from "../../support/provider/raw.ts";
import { eventsOf, testRouter } from "../../support/router.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

/** A router with one provider of the preset, and the requests that it got. */
const google = async (answer: RawAnswer) => {
  const requests: { path: string; headers: Record<string, unknown> }[] = [];
  const up = await rawProvider((res, request) => {
    requests.push({ path: request.req.url ?? "", headers: request.req.headers });
    answer(res, request);
  });
  open.push(up);
  const router = await testRouter(
    `providers: { g: { preset: gemini, baseUrl: "${up.url}/v1beta", keys: ["\${GEMINI_API_KEY}"] } }\nroutes: { default: "g,gemini-3-pro-preview" }\n`,
    { GEMINI_API_KEY: "AIza-0123456789abcdef" },
  );
  open.push(router);
  return { router, requests };
};

it("a stream is asked for at the model's address, with the key in Google's own header and nowhere else", async () => {
  const { router, requests } = await google((res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.end(geminiStream([partsChunk([{ text: "Grüße" }]), lastChunk()]));
  });
  const response = await router.ask({ stream: true });
  const events = eventsOf(await response.text());
  expect(events.at(-1)?.event).toBe("message_stop");
  expect(requests[0]!.path).toBe("/v1beta/models/gemini-3-pro-preview:streamGenerateContent?alt=sse");
  expect(requests[0]!.headers["x-goog-api-key"]).toBe("AIza-0123456789abcdef");
  expect(requests[0]!.headers["authorization"]).toBeUndefined();
  expect(requests[0]!.headers["x-api-key"]).toBeUndefined();
});

it("a list of chunks, as a gateway sends it that drops alt=sse, is the same stream to the client", async () => {
  const { router } = await google((res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify([partsChunk([{ text: "one " }]), partsChunk([{ text: "two" }]), lastChunk()]));
  });
  const text = eventsOf(await (await router.ask({ stream: true })).text())
    .filter((each) => each.event === "content_block_delta")
    .map((each) => (each.data["delta"] as { text: string }).text)
    .join("");
  expect(text).toBe("one two");
});

it("a rejected key is said to be one, without the key", async () => {
  const { router } = await google((res) => {
    res.writeHead(400, { "content-type": "application/json" });
    const message = "API key not valid. Please pass a valid API key.";
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }];
    res.end(JSON.stringify({ error: { code: 400, message, status: "INVALID_ARGUMENT", details } }));
  });
  const response = await router.ask();
  const body = await response.text();
  expect(body).toContain("API key not valid");
  expect(body).not.toContain("AIza-0123456789abcdef");
  expect(response.status).toBeLessThan(500);
});

it("with webSearch: none Google is not asked to search: the model gets a function, and nobody else's search is claimed", async () => {
  let asked = "";
  const up = await rawProvider((res, { body }) => {
    asked = body;
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.end(geminiStream([partsChunk([{ text: "I know it." }]), lastChunk()]));
  });
  open.push(up);
  const router = await testRouter(
    `providers: { g: { dialect: gemini, baseUrl: "${up.url}/v1beta", keys: [], quirks: { webSearch: none } } }\nroutes: { default: "g,gemini-3-pro-preview", webSearch: "g,gemini-3-pro-preview" }\n`,
  );
  open.push(router);
  const tools = [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }];
  const text = await (await router.ask({ stream: true, tools })).text();
  expect(text).toContain("I know it.");
  expect(text).not.toContain('server_tool_use","id');
  expect(asked).not.toContain("googleSearch");
  expect(
    (JSON.parse(asked) as { tools: { functionDeclarations: { name: string }[] }[] }).tools,
  ).toMatchObject([{ functionDeclarations: [{ name: "web_search" }] }]);
});
