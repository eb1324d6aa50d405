/** What a user sees of providers that answer oddly, at length, packed, late or not at all. */
import { request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { WholeEvents } from "../../../src/router/turn/answers/whole-events.ts";
import { problemsOf, framesOf } from "../../support/validate-anthropic-stream.ts";
import { dialects } from "../../support/dialects.ts";
import { dialectContext } from "../../support/dialect-context.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { anthropicMessage, anthropicStream } from "../../support/provider/anthropic-stream.ts";
import { chatStream } from "../../support/provider/chat-stream.ts";
import { rawProvider, type RawAnswer, type RawProvider } from "../../support/provider/raw.ts";
import { eventsOf, smallRequest, testRouter, type TestRouter } from "../../support/router.ts";

closeAfterEach();

const chat = (name: string, url: string): string =>
  `  ${name}: { dialect: openai-chat, baseUrl: "${url}/v1", keys: ["sk-${name}-0123456789"] }`;
const like = (name: string, url: string): string =>
  `  ${name}: { dialect: anthropic, baseUrl: "${url}", keys: ["sk-${name}-0123456789"] }`;
const anthropic = (url: string): string =>
  `  anthropic: { preset: anthropic, baseUrl: "${url}", auth: key, keys: ["sk-ant-0123456789"] }`;

const provider = async (answer: RawAnswer): Promise<RawProvider> => closing(await rawProvider(answer));
const router = async (providers: string[], route: string, server = ""): Promise<TestRouter> =>
  closing(await testRouter(`${server}\nproviders:\n${providers.join("\n")}\nroutes: { default: ${route} }`));

/** A router in front of one provider of each kind that gives the same answer. */
const alone = async (kind: typeof chat, answer: RawAnswer): Promise<{ r: TestRouter; up: RawProvider }> => {
  const up = await provider(answer);
  return { up, r: await router([kind("a", up.url)], '"a,m"') };
};
const raw = async (answer: RawAnswer): Promise<{ r: TestRouter; up: RawProvider }> => {
  const up = await provider(answer);
  return { up, r: await router([anthropic(up.url)], '"anthropic,*"') };
};

const rawContext = dialectContext({ dialect: "anthropic", quirks: { rawStream: true } });
const sse = { "content-type": "text/event-stream" };
const json = { "content-type": "application/json" };
const stream = anthropicStream({ text: "Grüße ✓" }, "m");
const textOf = (body: string): string =>
  eventsOf(body)
    .map((e) => (e.data["delta"] as { text?: string } | undefined)?.text ?? "")
    .join("");

describe("connections", () => {
  it("a connection that the provider closed meanwhile loses no turn", async () => {
    const { r, up } = await alone(chat, (res, { socket, number }) => {
      // The second request on the connection is never read: the provider is closing it.
      if (number === 2) return socket.destroy();
      return res.writeHead(200, sse).end(chatStream({ text: "hi" }, "m"));
    });
    await (await r.ask({ stream: true })).text();
    const res = await r.ask({ stream: true });
    expect(res.status).toBe(200);
    expect(textOf(await res.text())).toBe("hi");
    expect(up.bodies).toHaveLength(3);
  });

  it("a provider that hangs up every time is tried as often as its policy says, not for ever", async () => {
    const { r, up } = await alone(chat, (_res, { socket }) => socket.destroy());
    const res = await r.ask();
    expect(res.status).toBe(502);
    expect(up.bodies).toHaveLength(3);
    expect(await res.text()).toContain("cannot be reached");
  });

  it("early hints and other interim answers are not taken for the answer", async () => {
    const { r } = await alone(chat, (res) => {
      res.writeEarlyHints({ link: "</style.css>; rel=preload" });
      res.writeProcessing();
      res.writeHead(200, sse).end(chatStream({ text: "hi" }, "m"));
    });
    expect(textOf(await (await r.ask({ stream: true })).text())).toBe("hi");
  });
});

describe("answers that are not the protocol", () => {
  it.each([301, 302, 307, 308])(
    "a redirect %i is told as a wrong baseUrl, never given to the client as a redirect",
    async (status) => {
      for (const kind of [chat, like]) {
        const { r } = await alone(kind, (res) =>
          res.writeHead(status, { location: "https://elsewhere.example/login" }).end(),
        );
        const res = await r.ask({ stream: true });
        expect(res.status).toBe(502);
        const text = await res.text();
        expect(text).toContain("elsewhere.example");
        expect(text).toContain("baseUrl");
      }
    },
  );

  it.each([
    ["a 204", 204],
    ["a 200 without a body", 200],
  ])("%s is a failure that says so, and the next target answers", async (_name, status) => {
    const empty = await provider((res) => res.writeHead(status).end());
    const good = await provider((res) => res.writeHead(200, sse).end(chatStream({ text: "hi" }, "m")));
    const r = await router([chat("a", empty.url), chat("b", good.url)], '["a,m", "b,m"]');
    const res = await r.ask({ stream: true });
    expect(res.headers.get("x-switchyard-target")).toBe("b,m");
    expect(textOf(await res.text())).toBe("hi");
  });

  it.each([
    ["an anthropic provider", anthropic],
    ["one like it", like],
    ["a chat provider", chat],
  ])("the JSON value null from %s is a failure, not a crash", async (_name, kind) => {
    const up = await provider((res) => res.writeHead(200, json).end("null"));
    const name = kind === anthropic ? "anthropic" : "a";
    const r = await router([kind === anthropic ? anthropic(up.url) : kind("a", up.url)], `"${name},m"`);
    for (const streamed of [true, false]) expect((await r.ask({ stream: streamed })).status).toBe(502);
    expect((await fetch(`${r.url}/health`)).status).toBe(200);
  });

  it("an error body without an end is cut off and answered", async () => {
    const { r } = await alone(like, (res) => {
      res.writeHead(500, json);
      const more = (): void => {
        while (!res.destroyed && res.write(Buffer.alloc(65_536, 120)));
        if (!res.destroyed) res.once("drain", more);
      };
      more();
    });
    const res = await r.ask();
    expect(res.status).toBe(500);
    expect((await res.text()).length).toBeLessThan(2000);
  });

  it("an error whose body breaks off keeps its status", async () => {
    const { r } = await alone(chat, (res, { socket }) => {
      res.writeHead(429, { ...json, "retry-after": "60", "content-length": "900" });
      res.write('{"error":{"message":"slow', () => setImmediate(() => socket.destroy()));
    });
    const res = await r.ask();
    expect(res.status).toBe(429);
    // Longer than anybody waits here; counted from when the provider said it.
    expect(res.headers.get("retry-after")).toMatch(/^(?:5\d|60)$/);
  });

  it("a stream of no content type, or of a wrong one, reaches the client while it is sent", async () => {
    for (const headers of [
      {},
      { "content-type": "text/plain" },
      { "content-type": "application/octet-stream" },
    ]) {
      let go: (() => void) | undefined;
      const { r } = await alone(like, (res) => {
        res.writeHead(200, headers);
        const half = stream.indexOf("event: content_block_stop");
        res.write(stream.slice(0, half));
        // The rest comes when the client has seen the first half.
        go = () => res.end(stream.slice(half));
      });
      const reader = (await r.ask({ stream: true })).body!.getReader();
      let text = "";
      const decoder = new TextDecoder();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
        if (text.includes("content_block_delta")) go?.();
      }
      expect(problemsOf(framesOf(text))).toEqual([]);
      expect(textOf(text)).toBe("Grüße ✓");
    }
  });

  it("JSON where a stream was asked for, and a stream where none was, reach the client in its own form", async () => {
    const whole = await alone(like, (res) =>
      res.writeHead(200, json).end(anthropicMessage({ text: "hi" }, "m")),
    );
    expect(textOf(await (await whole.r.ask({ stream: true })).text())).toBe("hi");
    const streamed = await alone(like, (res) => res.writeHead(200, sse).end(stream));
    expect(await (await streamed.r.ask()).json()).toMatchObject({
      content: [{ type: "text", text: "Grüße ✓" }],
    });
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
  ])("an answer packed by %s although nobody asked is read", async (encoding, pack) => {
    const packed = { "content-encoding": encoding };
    const streamed = await raw((res) =>
      res.writeHead(200, { ...sse, ...packed }).end(pack(Buffer.from(stream))),
    );
    const answer = await streamed.r.ask({ stream: true });
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(textOf(await answer.text())).toBe("Grüße ✓");
    const refused = await alone(chat, (res) =>
      res
        .writeHead(400, { ...json, ...packed })
        .end(pack(Buffer.from('{"error":{"message":"tools.0 is bad"}}'))),
    );
    expect(await (await refused.r.ask()).text()).toContain("tools.0 is bad");
  });

  it("an answer whose packing is broken fails, and its connection is not kept", async () => {
    let closed: Promise<void> | undefined;
    const { r } = await alone(chat, (res) => {
      closed = new Promise((resolve) => res.on("close", resolve));
      res.writeHead(200, { ...sse, "content-encoding": "gzip" });
      res.write("this is not gzip");
    });
    expect((await r.ask({ stream: true })).status).toBe(502);
    await closed;
  });
});

describe("Anthropic's own streams", () => {
  it("the last usage is not lost, however the chunks are cut", async () => {
    const bytes = Buffer.from(anthropicStream({ text: "hi", usage: { prompt: 1234, completion: 567 } }, "m"));
    for (let at = 1; at < bytes.length; at += 23) {
      const tap = dialects.anthropic.kind === "http" ? dialects.anthropic.tap?.(rawContext) : undefined;
      const events = new WholeEvents();
      for (const chunk of [bytes.subarray(0, at), bytes.subarray(at)]) {
        const whole = events.push(chunk);
        if (whole !== undefined) tap!.push(whole);
      }
      tap!.end();
      expect(tap).toMatchObject({
        failure: undefined,
        ended: true,
        stopReason: "end_turn",
        usage: { input_tokens: 1234, output_tokens: 567 },
      });
    }
    const { r } = await raw((res) => res.writeHead(200, sse).end(bytes));
    await (await r.ask({ stream: true })).text();
    await expect.poll(() => r.logs.join("")).toContain('"input":1234,"output":567');
  });

  it("pings never stand inside an event that has come only in part", async () => {
    const up = await provider((res) => {
      res.writeHead(200, sse);
      const half = stream.indexOf('"text_delta"');
      res.write(stream.slice(0, half));
      setTimeout(() => res.end(stream.slice(half)), 200);
    });
    const r = await router(
      [anthropic(up.url)],
      '"anthropic,*"',
      "server: { headerHold: 30ms, pingInterval: 30ms }",
    );
    const text = await (await r.ask({ stream: true })).text();
    expect(text).toContain("event: ping");
    expect(problemsOf(framesOf(text))).toEqual([]);
    expect(textOf(text)).toBe("Grüße ✓");
  });

  it("an event that was cut in two is not given to the client as a broken one", async () => {
    const { r } = await raw((res, { socket }) => {
      res.writeHead(200, sse);
      res.write(stream.slice(0, stream.indexOf('"text_delta"')), () =>
        setTimeout(() => socket.destroy(), 20),
      );
    });
    const text = await (await r.ask({ stream: true })).text();
    const events = eventsOf(text); // throws where an event's data is no JSON
    expect(events.at(-1)?.event).toBe("error");
    expect(events.map((e) => e.event)).toContain("content_block_start");
  });

  it("the bytes come out as they went in, however they were cut", async () => {
    const odd = stream
      .replaceAll("\n\n", "\r\n\r\n")
      .replace("event: message_stop", ": comment\nevent: message_stop");
    for (const size of [1, 2, 3, 5, 50, 5000]) {
      for (const text of [stream, odd]) {
        const { r } = await raw((res) => {
          res.writeHead(200, sse);
          const bytes = Buffer.from(text);
          for (let at = 0; at < bytes.length; at += size) res.write(bytes.subarray(at, at + size));
          res.end();
        });
        expect(await (await r.ask({ stream: true })).text()).toBe(text);
      }
    }
  });

  it("a stream ends for the client with message_stop, also when the provider keeps the connection", async () => {
    const { r } = await raw((res) => void res.writeHead(200, sse).write(stream));
    expect(await (await r.ask({ stream: true })).text()).toBe(stream);
    const error =
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n';
    const half = stream.slice(0, stream.indexOf("event: content_block_stop"));
    const failing = await raw((res) => void res.writeHead(200, sse).write(half + error));
    expect(await (await failing.r.ask({ stream: true })).text()).toBe(half + error);
  });

  it("block and delta types that nobody knows yet pass untouched", async () => {
    const future =
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"novelty","x":1}}\n\n' +
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"compaction_delta","y":[2]}}\n\n' +
      'event: novelty\ndata: {"type":"novelty"}\n\n';
    const at = stream.indexOf("event: content_block_start");
    const text = stream.slice(0, at) + future + stream.slice(at);
    const { r } = await raw((res) => res.writeHead(200, sse).end(text));
    expect(await (await r.ask({ stream: true })).text()).toBe(text);
  });
});

describe("a client that reads slowly or goes away", () => {
  const endless = (res: ServerResponse, written: { bytes: number }): void => {
    res.writeHead(200, sse);
    const start = stream.slice(0, stream.indexOf("event: content_block_delta"));
    res.write(start);
    const delta = `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${"x".repeat(8000)}"}}\n\n`;
    const more = (): void => {
      while (!res.destroyed && written.bytes < 200_000_000) {
        written.bytes += delta.length;
        if (!res.write(delta)) return void res.once("drain", more);
      }
    };
    more();
  };

  it.each([
    ["Anthropic", raw],
    ["a provider like it", (answer: RawAnswer) => alone(like, answer)],
  ])("holds a fast provider back instead of filling the memory (%s)", async (_name, start) => {
    const written = { bytes: 0 };
    const { r } = await start((res) => endless(res, written));
    const url = new URL(`${r.url}/v1/messages`);
    const req = request(url, { method: "POST", headers: json });
    req.end(JSON.stringify({ ...smallRequest, stream: true }));
    const res = await new Promise<IncomingMessage>((resolve) => req.on("response", resolve));
    res.pause();
    let before = -1;
    await expect
      .poll(
        () => {
          const still = written.bytes === before;
          before = written.bytes;
          return still;
        },
        { interval: 200, timeout: 8000 },
      )
      .toBe(true);
    expect(written.bytes).toBeLessThan(50_000_000);
    const seen = written.bytes;
    res.resume();
    await expect.poll(() => written.bytes).toBeGreaterThan(seen + 5_000_000);
    req.destroy();
  });

  it.each([
    ["before the provider's head", () => undefined],
    [
      "in the middle of a stream",
      (res: ServerResponse) => res.writeHead(200, sse).write(stream.slice(0, 400)),
    ],
    ["in the middle of a whole answer", (res: ServerResponse) => res.writeHead(200, json).write("{")],
  ])("ends the provider's work when it goes away %s", async (_name, begin) => {
    for (const streamed of [true, false]) {
      let ended: Promise<void> | undefined;
      let reached: (() => void) | undefined;
      const arrived = new Promise<void>((resolve) => (reached = resolve));
      const { r } = await alone(like, (res) => {
        ended = new Promise((resolve) => res.on("close", resolve));
        begin(res);
        setTimeout(() => reached?.(), 30);
      });
      const req = request(`${r.url}/v1/messages`, { method: "POST", headers: json });
      req.on("error", () => undefined);
      req.end(JSON.stringify({ ...smallRequest, stream: streamed }));
      await arrived;
      req.destroy();
      await ended;
      await expect.poll(() => r.logs.join("")).toContain('"outcome":"aborted"');
    }
  });

  it("ends the work for every request that it had sent at once on one connection", async () => {
    let closed = 0;
    const { r, up } = await alone(like, (res) => void res.on("close", () => closed++));
    const body = JSON.stringify({ ...smallRequest, stream: true });
    const one = `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const socket = connect(Number(new URL(r.url).port), "127.0.0.1", () => socket.write(one + one));
    await expect.poll(() => up.bodies.length).toBe(2);
    socket.destroy();
    await expect.poll(() => closed).toBe(2);
  });
});
