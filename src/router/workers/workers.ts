/**
 * Several processes that serve turns at one address (docs/adr/0045-workers.md). The system gives each connection to one of them. This process has the state, the
 * ledger's database, log, metrics and administration; a worker that ends by itself is replaced.
 */
import cluster from "node:cluster";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import type { Config } from "../../config/types.ts";
import { compileCacheVariable } from "../../shared/compile-cache.ts";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import type { RouterContext } from "../endpoints/context.ts";
import type { TurnRecord } from "../ledger/record.ts";
import { listenError } from "../listen.ts";
import { mergeAll, type Drained } from "../metrics/registry.ts";
import { folderPrefix, restSocket, sweepLeftovers } from "./leftovers.ts";
import { Member } from "./member.ts";
import type { Asked, Begin, FromWorker } from "./messages.ts";

/** Milliseconds. */
const times = {
  /** Where one has served for less than this, the next but one is not begun at once. */
  soon: 1_000,
  /** Before another is begun, at the most. */
  longestWait: 30_000,
  /** A worker that does not answer must not keep an administrator waiting. */
  patience: 1_000,
  /** Beyond its grace, until a worker that does not end is killed. */
  lastWords: 10_000,
};

export interface WorkersOptions {
  readonly count: number;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly accessFolder: string | undefined;
  /** Of the state; undefined: one of this router alone, that ends with it. */
  readonly stateFile: string | undefined;
  readonly context: () => RouterContext;
  /** Told of each line of a worker's log, which has no secrets in it. */
  readonly write: (line: string) => void;
  /** Workers write their log to stderr themselves. */
  readonly writesLog: boolean;
}

/** One worker, for administrators. */
export interface WorkerEntry {
  /** Its process. */
  readonly pid: number;
  /** Since when it serves, as 2026-11-21T10:00:00.000Z. */
  readonly since: string;
  /** Requests under way. */
  readonly inFlight: number;
  /** Resident, in bytes. */
  readonly memory: number;
}

export class Workers {
  readonly stateFile: string;
  /** Where the rest of the router answers to the workers. */
  readonly rest: string;
  readonly #options: WorkersOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), folderPrefix));
  readonly #members = new Set<Member>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #port: number;
  /** How many in a row ended soon after their start. */
  #short = 0;
  /** Processor time of those that have ended, in microseconds. */
  #before = 0;
  #ending = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#port = options.port;
    this.rest = join(this.#folder, restSocket);
    this.stateFile = options.stateFile ?? join(this.#folder, "router-state.json");
  }

  /** Whoever asks this process through a worker finds all that workers have to tell, and what it changed is known to all before it is answered. */
  attach(app: FastifyInstance): void {
    app.addHook("preHandler", async () => this.gather());
    app.addHook("onSend", async ({ method }) => {
      if (method !== "GET" && method !== "HEAD") await this.look();
    });
  }

  /** @returns the address @throws SwitchyardError as `startRouter` */
  async listen(): Promise<string> {
    const { host, port, count, context } = this.#options;
    void sweepLeftovers();
    const { live, flights } = context();
    live.onWatched = (on) => {
      for (const member of this.#members) member.send({ kind: "watch", on });
    };
    flights.elsewhere = () => this.figures().inFlight;
    // A connection that was handed to a worker which is killed before it takes it would hang for ever.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({
      exec: fileURLToPath(new URL("worker-main.ts", import.meta.url)),
      args: [],
      // It must not read what this process is told on stdin; its last words are to be seen.
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      serialization: "advanced",
    });
    // All must know it, also those that come later.
    const address = await freeAddress(host, port);
    this.#port = address.port;
    await Promise.all(Array.from({ length: count }, () => this.#fork()));
    return `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
  }

  /** What workers have counted and not told yet is told. Never rejects: whoever asks gets what is known. */
  async gather(): Promise<void> {
    try {
      await this.#askAll({ kind: "report" }, times.patience);
    } catch (error) {
      const { log } = this.#options.context();
      log.warn(
        { code: "worker.silent", reason: messageOf(error) },
        "a worker could not tell what it has counted",
      );
    }
  }

  /** Workers look at what administrators change. */
  async look(): Promise<void> {
    await this.#askAll(
      { kind: "look", defaultProfile: this.#options.context().defaultProfile.name },
      times.patience,
    );
  }

  /** Every worker makes ready what a configuration needs. @throws SwitchyardError where one cannot */
  async prepare(config: Config): Promise<void> {
    await this.#askAll({ kind: "prepare", config });
  }

  /** Puts in force what all have made ready. */
  swap(): void {
    void this.#askAll({ kind: "swap" });
  }

  /** Those that serve, the oldest first, as they last told. */
  list(): WorkerEntry[] {
    return [...this.#members].flatMap(({ pid, served, figures }) =>
      pid === undefined || served === undefined
        ? []
        : [
            {
              pid,
              since: new Date(served).toISOString(),
              inFlight: figures.inFlight,
              memory: figures.resident,
            },
          ],
    );
  }

  /** Of all workers, as they last told. */
  figures(): { inFlight: number; resident: number; processor: number } {
    const sum = { inFlight: 0, resident: 0, processor: this.#before };
    for (const { figures } of this.#members) {
      sum.inFlight += figures.inFlight;
      sum.resident += figures.resident;
      sum.processor += figures.processor;
    }
    return sum;
  }

  /** Lets turns end for at most `grace` milliseconds. */
  async end(grace: number): Promise<void> {
    this.#ending = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const members = [...this.#members];
    for (const member of members) member.send({ kind: "end", grace });
    const late = setTimeout(() => members.forEach((member) => member.kill()), grace + times.lastWords);
    await Promise.all(members.map(({ gone }) => gone));
    clearTimeout(late);
  }

  /** To be called last. */
  clear(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @throws SwitchyardError what one of them says; undefined `within`: waits as long as they live */
  async #askAll(asked: Asked, within?: number, except?: Member): Promise<void> {
    const others = [...this.#members].filter((member) => member !== except);
    const problems = await Promise.all(others.map((member) => member.ask(asked, within)));
    const problem = problems.find((each) => each !== undefined);
    if (problem !== undefined) throw problem;
  }

  /** @throws SwitchyardError where it does not begin */
  async #fork(): Promise<void> {
    const child = cluster.fork(compileCacheVariable());
    const member = new Member(child, (message) => void this.#told(member, message));
    this.#members.add(member);
    void this.#whenGone(member);
    let config: Config | undefined;
    const problem = await member.begin(() => {
      const begin = this.#begin();
      config = begin.config;
      return begin;
    });
    if (problem !== undefined) {
      member.kill();
      throw problem;
    }
    member.served = Date.now();
    // One that was put in force while it began.
    for (;;) {
      const current = this.#options.context().config;
      if (config === current) return;
      config = current;
      const refused = await member.ask({ kind: "take", config });
      if (refused === undefined) continue;
      member.kill();
      throw refused;
    }
  }

  async #whenGone(member: Member): Promise<void> {
    const why = await member.gone;
    this.#members.delete(member);
    this.#before += member.figures.processor;
    const { served } = member;
    if (!this.#ending && served !== undefined) this.#replace(member.pid, why, Date.now() - served);
  }

  #begin(): Begin {
    const { host, accessFolder, context } = this.#options;
    const { config, defaultProfile, sessionProfiles, live, captures } = context();
    return {
      config,
      host,
      port: this.#port,
      stateFile: this.stateFile,
      accessFolder,
      ledgerFolder: captures === undefined ? undefined : dirname(captures.folder),
      rest: this.rest,
      defaultProfile: defaultProfile.name,
      chosen: sessionProfiles.all,
      watched: live.watched,
      writesLog: this.#options.writesLog,
    };
  }

  #replace(worker: number | undefined, why: string, lived: number): void {
    this.#short = lived < times.soon ? this.#short + 1 : 0;
    const wait = this.#short < 2 ? 0 : Math.min(times.longestWait, 500 * 2 ** (this.#short - 2));
    const { log } = this.#options.context();
    log.error(
      { code: "worker.lost", worker, why },
      `a worker has ended by itself (${why}): what it served is cut off, and another takes its place${wait > 0 ? ` in ${wait / 1_000} s` : ""}`,
    );
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#ending) return;
      this.#fork().then(
        () =>
          log.info({ code: "worker.replaced" }, "another worker serves in the place of the one that ended"),
        (error: unknown) => this.#ending || this.#replace(undefined, messageOf(error), 0),
      );
    }, wait);
    this.#timers.add(timer);
  }

  async #told(member: Member, message: FromWorker): Promise<void> {
    const context = this.#options.context();
    switch (message.kind) {
      case "live":
        context.live.relay(message.message);
        return;
      case "report":
        mergeAll(context.metrics.metrics, JSON.parse(message.counted) as Drained);
        if (message.turns !== undefined) this.#turns(context, JSON.parse(message.turns) as TurnRecord[]);
        if (message.ended > 0 && context.ledger?.folder !== undefined) context.ledger.appended();
        for (const line of message.lines) this.#options.write(line);
        return;
      case "chose": {
        const { number, key, name } = message;
        context.sessionProfiles.set(key, name);
        await this.#askAll({ kind: "chosen", key, name }, times.patience, member).catch(() => undefined);
        member.send({ kind: "shared", number });
      }
    }
  }

  #turns({ ledger, telemetry, config }: RouterContext, turns: readonly TurnRecord[]): void {
    for (const turn of turns) {
      if (ledger?.folder === undefined) ledger?.append(turn);
      telemetry.observe(turn, config);
    }
  }
}

/** An address on which nobody listens. @throws SwitchyardError as `listenAt` */
const freeAddress = (host: string, port: number): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => reject(asError(listenError(error, host, port))));
    server.listen({ host, port }, () => {
      const address = server.address() as AddressInfo;
      server.close(() => resolve(address));
    });
  });

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new SwitchyardError("internal", { cause: thrown });
