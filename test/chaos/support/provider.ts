/** A provider that fails by a seed: of all four forms, with every fault of faults.ts. What befalls a call follows from seed, turn, provider and count alone. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { formOf } from "../../support/provider/server.ts";
import { randomFrom } from "../../support/rechunk.ts";
import { doomed, faultByChance, faults, writeCut, type Exchange } from "./faults.ts";
import { answerOf, hashOf, orderIn } from "./words.ts";

export interface ChaosOptions {
  /** Its calls are named after it. */
  name: string;
  seed: number;
  /** Share of calls that fail, 0 to 1. */
  share: number;
  /** Only faults before the first block of an answer is complete. */
  early?: boolean;
  port?: number;
  /** What it says; default: words of words.ts. */
  answer?: (body: Record<string, unknown>, call: string, url: string) => ScriptedAnswer;
}

export interface Call {
  call: string;
  turn: string;
  /** `none` where nothing went wrong. */
  fault: string;
  /** The answer went out whole. */
  sound: boolean;
}

export interface ChaosProvider {
  url: string;
  calls: Call[];
  /** From now on. */
  share: number;
  close(): Promise<void>;
}

export const startChaosProvider = async (options: ChaosOptions): Promise<ChaosProvider> => {
  const calls: Call[] = [];
  const counts = new Map<string, number>();
  const state = { share: options.share };

  const planOf = (body: string, stream: boolean): Call & { at: number | undefined; random: () => number } => {
    const order = orderIn(body);
    const turn = order?.turn ?? "any";
    const count = (counts.get(turn) ?? 0) + 1;
    counts.set(turn, count);
    const random = randomFrom(hashOf(options.seed, options.name, turn, count));
    const chance = random() < state.share ? faultByChance(random, stream, options.early) : "none";
    const ordered = order?.on === options.name ? order.fault : undefined;
    const fault = ordered ?? (order?.on === undefined ? chance : "none");
    return {
      call: `${options.name}-${turn}-${count}`,
      turn,
      fault,
      sound: fault === "none" || faults[fault]!.sound === true,
      // A block has more events than this.
      at: order?.at ?? (options.early === true ? Math.floor(random() * 4) : undefined),
      random,
    };
  };

  const serve = async (req: IncomingMessage, res: ServerResponse, raw: string): Promise<void> => {
    const url = req.url ?? "";
    const body = JSON.parse(raw) as Record<string, unknown>;
    const stream = body["stream"] === true || url.includes(":streamGenerateContent");
    const plan = planOf(raw, stream);
    const { call, turn, fault, sound } = plan;
    if (doomed.has(req.socket)) {
      calls.push({ call, turn, fault: "droppedKept", sound: false });
      req.socket.resetAndDestroy();
      return;
    }
    calls.push({ call, turn, fault, sound });
    const answer = options.answer?.(body, call, url) ?? answerOf(call, turn);
    const form = formOf(url);
    const model = typeof body["model"] === "string" ? body["model"] : "chaos";
    const bytes = Buffer.from(stream ? form.stream(answer, model) : form.message(answer, model));
    const { random, at } = plan;
    const exchange: Exchange = {
      res,
      socket: req.socket,
      stream,
      bytes,
      events: stream ? endsOfEvents(bytes) : [],
      random,
      at,
      ...errorsOf(url),
    };
    if (fault !== "none") {
      await faults[fault]!.play(exchange);
      return;
    }
    res.writeHead(200, { "content-type": stream ? "text/event-stream" : "application/json" });
    await writeCut(exchange, bytes, 400);
    res.end();
  };

  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on("error", () => undefined);
    req.socket.setMaxListeners(0).on("error", () => undefined);
    req.on("data", (part: Buffer) => parts.push(part));
    req.on("end", () => {
      if (req.method === "GET") {
        res.end(JSON.stringify(calls));
        return;
      }
      serve(req, res, Buffer.concat(parts).toString()).catch((error: unknown) => res.destroy(error as Error));
    });
  });
  server.on("clientError", (_error, socket) => void socket.destroy());
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    get share() {
      return state.share;
    },
    set share(share: number) {
      state.share = share;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** Offsets behind each event. */
export const endsOfEvents = (bytes: Buffer): number[] => {
  const text = bytes.toString("latin1");
  return [...text.matchAll(/\r?\n\r?\n/g)].map((match) => match.index + match[0].length);
};

/** Errors in the words of each API. */
const errorsOf = (url: string): Pick<Exchange, "errorBody" | "errorEvent"> => {
  const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
  if (/generateContent/i.test(url)) {
    const error = (code: number, message: string) => ({ error: { code, message, status: "INTERNAL" } });
    return {
      errorBody: (status, message) => JSON.stringify(error(status, message)),
      errorEvent: (message) => data(error(500, message)),
    };
  }
  if (url.includes("/responses"))
    return {
      errorBody: (_status, message) =>
        JSON.stringify({ error: { message, type: "server_error", code: null } }),
      errorEvent: (message) =>
        `event: error\n${data({ type: "error", code: "server_error", message, param: null, sequence_number: 99 })}`,
    };
  if (url.includes("/chat/completions"))
    return {
      errorBody: (_status, message) =>
        JSON.stringify({ error: { message, type: "server_error", code: null } }),
      errorEvent: (message) => data({ error: { message, type: "server_error", code: 500 } }),
    };
  const error = (message: string) => ({ type: "error", error: { type: "api_error", message } });
  return {
    errorBody: (_status, message) => JSON.stringify(error(message)),
    errorEvent: (message) => `event: error\n${data(error(message))}`,
  };
};
