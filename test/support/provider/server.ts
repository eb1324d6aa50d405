/**
 * A scripted provider on loopback (or as a service of a test's compose project): it records what it is asked, answers by a
 * script, in the form of OpenAI Chat, OpenAI Responses or Anthropic, and cuts its streams at random places, inside characters and inside JSON.
 */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { anthropicMessage, anthropicStream } from "./anthropic-stream.ts";
import { chatMessage, chatStream, type ScriptedAnswer } from "./chat-stream.ts";
import { geminiMessage, geminiStream } from "./gemini-stream.ts";
import { randomFrom } from "../rechunk.ts";
import { responsesMessage, responsesStream } from "./responses-stream.ts";

export interface RecordedRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  /** As it came. */
  raw: string;
  body: Record<string, unknown> & {
    model?: string;
    stream?: boolean;
    messages?: { role: string; content: unknown }[];
  };
  /** The caller went away before the answer was complete. */
  aborted: boolean;
  /** Address that the request came from: in a stack each service has its own. */
  from: string;
}

export type Script = (request: RecordedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>;

export interface ScriptedProvider {
  /** `http://127.0.0.1:port` */
  url: string;
  requests: RecordedRequest[];
  close(): Promise<void>;
}

const writeCut = async (res: ServerResponse, bytes: Buffer, next: () => number): Promise<void> => {
  let at = 0;
  while (at < bytes.length && !res.destroyed) {
    const size = 1 + Math.floor(next() * 120);
    res.write(bytes.subarray(at, at + size));
    at += size;
    await nextTurn();
  }
};

/** In twenty parts of the same size. */
const writeSlowly = async (res: ServerResponse, bytes: Buffer, over: number): Promise<void> => {
  const size = Math.ceil(bytes.length / 20);
  for (let at = 0; at < bytes.length && !res.destroyed; at += size) {
    res.write(bytes.subarray(at, at + size));
    await sleep(over / 20);
  }
};

interface Form {
  message: (answer: ScriptedAnswer, model: string) => string;
  stream: (answer: ScriptedAnswer, model: string) => string;
}

/** Of an address of any of the four APIs. */
export const formOf = (url: string): Form => {
  if (url.includes("/chat/completions")) return { message: chatMessage, stream: chatStream };
  if (url.includes("/responses")) return { message: responsesMessage, stream: responsesStream };
  if (/:(?:stream)?generateContent/i.test(url)) return { message: geminiMessage, stream: geminiStream };
  return { message: anthropicMessage, stream: anthropicStream };
};

const answerTo = async (
  res: ServerResponse,
  recorded: RecordedRequest,
  answer: ScriptedAnswer,
  next: () => number,
): Promise<void> => {
  if (answer.delay !== undefined) await sleep(answer.delay);
  if (answer.error !== undefined) {
    res.writeHead(answer.error.status, { "content-type": "application/json", ...answer.error.headers });
    res.end(answer.error.body);
    return;
  }
  const model = recorded.body.model ?? "";
  const form = formOf(recorded.url);
  // Gemini is asked for a stream by the address.
  if (recorded.body.stream !== true && !recorded.url.includes(":streamGenerateContent")) {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(form.message(answer, model));
    return;
  }
  res.writeHead(200, { "content-type": "text/event-stream" });
  res.flushHeaders();
  const bytes = Buffer.from(form.stream(answer, model));
  if (answer.over !== undefined) await writeSlowly(res, bytes, answer.over);
  else if (answer.cutAfter === undefined) {
    await writeCut(res, bytes, next);
    res.end();
    return;
  }
  if (answer.over !== undefined) return void res.end();
  await writeCut(res, bytes.subarray(0, answer.cutAfter), next);
  res.destroy();
};

/** @param options.host default 127.0.0.1; a service of a compose project listens on 0.0.0.0 */
export const startProvider = async (
  script: Script,
  options: { host?: string; port?: number; seed?: number } = {},
): Promise<ScriptedProvider> => {
  const requests: RecordedRequest[] = [];
  const next = randomFrom(options.seed ?? 1);
  const server: Server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on("data", (chunk: Buffer) => parts.push(chunk));
    req.on("end", () => {
      if (req.url === "/_requests") {
        res.writeHead(200, { "content-type": "application/json" });
        res.end(JSON.stringify(requests));
        return;
      }
      const raw = Buffer.concat(parts).toString("utf8");
      const body = (raw === "" ? {} : JSON.parse(raw)) as RecordedRequest["body"];
      const recorded: RecordedRequest = {
        method: req.method ?? "",
        url: req.url ?? "",
        headers: req.headers,
        raw,
        body,
        aborted: false,
        from: req.socket.remoteAddress ?? "",
      };
      requests.push(recorded);
      res.on("close", () => (recorded.aborted = !res.writableFinished));
      void (async () => answerTo(res, recorded, await script(recorded), next))().catch((error: unknown) => {
        if (!res.headersSent) res.writeHead(500);
        res.end(String(error));
      });
    });
  });
  await new Promise<void>((resolve) =>
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
