/** What a stream costs that has begun and stands still, as while a model thinks: many of them at once, and what the process then holds more. */
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { contentMark } from "./answers.ts";
import { clientHeaders } from "./client-headers.ts";
import type { BodyName } from "./bodies.ts";
import type { Contender } from "./contenders/contender.ts";
import { bodyOf, enter, load, type Entry, type Field } from "./field.ts";
import { residentMegabytes } from "./proc.ts";
import { end } from "./processes.ts";
import type { IdleResult } from "./results.ts";
import type { Form } from "./answers.ts";

/** How long all of them may take to begin. Milliseconds. */
const beginLimit = 60_000;
/** Opened at once, as many as every contender's queue of connections holds. */
const together = 50;

/** @returns a stream that has begun. @throws Error when it ends, or does not begin */
const open = (entry: Entry, bytes: Buffer): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: entry.port, host: "127.0.0.1", noDelay: true });
    let text = "";
    const mark = contentMark(entry.contender.clientForm(entry.form), true);
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(`${why}: ${text.slice(-300)}`));
    };
    const timer = setTimeout(() => fail("a stream did not begin"), beginLimit);
    socket.once("connect", () => socket.write(bytes));
    socket.on("data", (data: Buffer) => {
      if (socket.listenerCount("close") === 0) return;
      text += data.toString("latin1");
      if (!text.includes(mark)) return;
      clearTimeout(timer);
      socket.removeAllListeners("close");
      resolve(socket);
    });
    socket.on("error", (error) => fail(error.message));
    socket.once("close", () => fail("a stream ended"));
  });

const requestOf = (entry: Entry, body: BodyName): Buffer => {
  const text = bodyOf(body, true, "held");
  const head = [
    `POST ${entry.contender.requestPath(entry.form, true)} HTTP/1.1`,
    `host: 127.0.0.1:${entry.port}`,
    ...clientHeaders,
    ...entry.headers,
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${text}`);
};

/** Kilobytes (10^3) a stream. @throws Error when one of the streams does not begin */
const perStream = async (
  field: Field,
  contender: Contender,
  form: Form,
  body: BodyName,
  streams: number,
): Promise<number> => {
  const entry = await enter(field, contender, form);
  const { pid, child } = entry.process!;
  const opened: Socket[] = [];
  try {
    // Warm: what the first requests compile and load is not the streams', and a thousand streams are more than the 500 calls behind which a function is compiled well.
    await load(
      field,
      entry,
      { stream: true, body, connections: 10 },
      { requests: 2_000, milliseconds: 10_000 },
    );
    await pause(1500);
    const before = residentMegabytes(pid);
    const bytes = requestOf(entry, body);
    while (opened.length < streams) {
      const next = Math.min(together, streams - opened.length);
      opened.push(...(await Promise.all(Array.from({ length: next }, () => open(entry, bytes)))));
    }
    await pause(2000);
    return ((residentMegabytes(pid) - before) * 1000) / streams;
  } finally {
    for (const socket of opened) socket.destroy();
    await end(child);
  }
};

/** Which forms and bodies, how many streams. */
export interface IdlePlan {
  readonly streams: number;
  /** These alone, where not all. */
  readonly only?: readonly string[];
  readonly rows: readonly { readonly form: Form; readonly body: BodyName }[];
}

/** Each contender in a fresh process; one that cannot do it has its reason in place of the figure. */
export const idleStreams = async (
  field: Field,
  contenders: readonly Contender[],
  plan: IdlePlan,
): Promise<IdleResult[]> => {
  const results: IdleResult[] = [];
  for (const { form, body } of plan.rows) {
    const row: Record<string, number | string> = {};
    for (const contender of contenders) {
      if (!contender.forms.includes(form) || plan.only?.includes(contender.name) === false) continue;
      try {
        row[contender.name] = await perStream(field, contender, form, body, plan.streams);
      } catch (error) {
        row[contender.name] = error instanceof Error ? error.message : String(error);
      }
    }
    results.push({ name: `${form} ${body}`, streams: plan.streams, contenders: row });
  }
  return results;
};
