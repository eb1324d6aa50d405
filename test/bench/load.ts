/**
 * The load generator, a process of its own on bare sockets: a closed loop on each connection. Takes a `LoadJob` from its
 * parent at a time and answers with a `LoadReport`. Every answer is checked, after its times were taken.
 */
import { connect, type Socket } from "node:net";
import { contentMark, faultOf } from "./answers.ts";
import { counterMark } from "./bodies.ts";
import { clientHeaders } from "./client-headers.ts";
import type { LoadJob, LoadReport } from "./load-job.ts";
import { ResponseReader } from "./response-reader.ts";

/** An answer that takes longer has failed. */
const answerLimit = 30_000;

/** Never used twice in the life of the process. */
let counter = 0;

const requestBytes = (job: LoadJob): { bytes: Buffer; places: number[] } => {
  const head = [
    `POST ${job.path} HTTP/1.1`,
    `host: 127.0.0.1:${job.port}`,
    ...clientHeaders,
    ...job.headers,
    `content-length: ${Buffer.byteLength(job.body)}`,
  ].join("\r\n");
  const bytes = Buffer.from(`${head}\r\n\r\n${job.body}`);
  const places: number[] = [];
  for (let at = bytes.indexOf(counterMark); at !== -1; at = bytes.indexOf(counterMark, at + 1))
    places.push(at);
  return { bytes, places };
};

/** One connection and its loop. */
class Loop {
  readonly #run: Run;
  #socket: Socket | undefined;
  #reader = this.#newReader();
  #began = 0;
  #first = 0;
  #body = "";
  #busy = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  open(): void {
    this.#socket = this.#connect();
  }

  #newReader(): ResponseReader {
    return new ResponseReader({
      onBody: (text) => {
        this.#body = this.#body === "" ? text : this.#body + text;
        if (this.#first === 0 && this.#body.includes(this.#run.mark)) this.#first = performance.now();
      },
      onEnd: (status, keepAlive) => this.#answered(status, keepAlive),
    });
  }

  #connect(): Socket {
    const socket = connect({ port: this.#run.job.port, host: "127.0.0.1", noDelay: true });
    socket.once("connect", () => this.#next());
    socket.on("data", (data: Buffer) => this.#reader.push(data));
    socket.on("error", (error) => this.#lost(`connection: ${error.message}`));
    socket.on("close", () => {
      if (socket === this.#socket && !this.#reader.close()) this.#lost("connection closed within an answer");
    });
    return socket;
  }

  #next(): void {
    if (!this.#run.begin()) {
      this.#socket?.destroy();
      return;
    }
    this.#body = "";
    this.#first = 0;
    this.#busy = true;
    this.#timer = setTimeout(() => {
      this.#lost(`no complete answer within ${answerLimit / 1000} s`);
      this.#socket?.destroy();
    }, answerLimit);
    const bytes = this.#run.nextBytes();
    this.#began = performance.now();
    this.#socket?.write(bytes);
  }

  #answered(status: number, keepAlive: boolean): void {
    const now = performance.now();
    if (!this.#busy) return;
    this.#busy = false;
    clearTimeout(this.#timer);
    this.#run.answered(status, this.#body, this.#first - this.#began, now - this.#began, now);
    if (keepAlive) this.#next();
    else this.#renew();
  }

  #lost(reason: string): void {
    if (!this.#busy) return;
    this.#busy = false;
    clearTimeout(this.#timer);
    this.#run.failed(reason, this.#body);
    this.#renew();
  }

  #renew(): void {
    const old = this.#socket;
    this.#reader = this.#newReader();
    this.#socket = this.#run.over ? undefined : this.#connect();
    old?.destroy();
  }
}

/** All connections of one job. */
class Run {
  readonly job: LoadJob;
  readonly mark: string;
  readonly #bytes: Buffer;
  readonly #places: readonly number[];
  readonly #done: (report: LoadReport) => void;
  readonly #cpu = process.cpuUsage();
  readonly #began = performance.now();
  readonly #first: number[] = [];
  readonly #end: number[] = [];
  readonly #faults: Record<string, number> = {};
  #sample: string | undefined;
  #begun = 0;
  #ended = 0;
  #lastAnswer = 0;
  #reported = false;

  constructor(job: LoadJob, done: (report: LoadReport) => void) {
    this.job = job;
    this.mark = contentMark(job.form, job.stream);
    const { bytes, places } = requestBytes(job);
    this.#bytes = bytes;
    this.#places = places;
    this.#done = done;
  }

  start(): void {
    for (let i = 0; i < this.job.connections; i++) new Loop(this).open();
  }

  get over(): boolean {
    const { milliseconds, least, connections, requests } = this.job;
    const elapsed = performance.now() - this.#began;
    const enough = this.#begun >= least || elapsed >= milliseconds * 3;
    return (elapsed >= milliseconds && enough && this.#begun >= connections) || this.#begun >= requests;
  }

  /** @returns whether another request is due */
  begin(): boolean {
    if (this.over) {
      this.#reportWhenDone();
      return false;
    }
    this.#begun++;
    return true;
  }

  nextBytes(): Buffer {
    // A copy: the socket may still hold the bytes of a request before.
    const bytes = Buffer.from(this.#bytes);
    const digits = String(++counter).padStart(counterMark.length, "0");
    for (const place of this.#places) bytes.write(digits, place, "latin1");
    return bytes;
  }

  answered(status: number, body: string, first: number, end: number, now: number): void {
    const fault = faultOf(this.job.form, this.job.stream, this.job.answer, status, body);
    if (fault !== undefined) return this.failed(fault, body);
    this.#first.push(first);
    this.#end.push(end);
    this.#lastAnswer = now;
    return this.#count();
  }

  failed(reason: string, body: string): void {
    this.#faults[reason] = (this.#faults[reason] ?? 0) + 1;
    this.#sample ??= body.slice(0, 400);
    this.#count();
  }

  #count(): void {
    this.#ended++;
    // A contender that fails every request is not asked a thousand times.
    if (this.#first.length === 0 && this.#ended >= 20) this.job.requests = 0;
    this.#reportWhenDone();
  }

  #reportWhenDone(): void {
    if (this.#reported || this.#ended < this.#begun || !this.over) return;
    this.#reported = true;
    const cpu = process.cpuUsage(this.#cpu);
    const ascending = (a: number, b: number): number => a - b;
    this.#done({
      first: this.#first.toSorted(ascending),
      end: this.#end.toSorted(ascending),
      completed: this.#first.length,
      seconds: (this.#lastAnswer - this.#began) / 1000,
      faults: this.#faults,
      sample: this.#sample,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    });
  }
}

process.on("message", (job: LoadJob) => {
  new Run(job, (report) => process.send?.(report)).start();
});
process.once("disconnect", () => process.exit());
process.send?.("ready");
