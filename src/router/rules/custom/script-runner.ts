/**
 * Runs a script in a thread of its own, which is ended where it hangs and begun anew: whatever the script does, a request waits for its time limit at most,
 * and falls through to the next rule.
 */
import { Worker } from "node:worker_threads";
import type { RulesScript } from "../../../config/types.ts";
import { SwitchyardError } from "../../../shared/errors.ts";
import type { FromScript, ScriptData, ToScript } from "./script-messages.ts";
import type { RuleScriptConfig, RuleScriptRequest } from "./script-types.ts";

/** Names of targets and aliases, or why there are none. */
export type ScriptReply = { readonly targets: readonly string[] } | { readonly failed: string };

/** How long it may take to load, in milliseconds. */
const loadLimit = 5_000;
/** Memory of a script, in MB: what it needs beyond a request's body is its own affair. */
const memory = 256;
/** Threads that died one after the other rest before the next, for so long, doubling; milliseconds. */
const firstRest = 1_000;
const longestRest = 60_000;
/** Between two lines of the log about the same script, in milliseconds. */
const quiet = 60_000;

export interface RunnerOptions {
  readonly script: RulesScript;
  /** Told of failures, once a minute at most. */
  readonly warn: (text: string) => void;
  /** Takes what the script writes to stdout and stderr. */
  readonly said: (text: string) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Thread {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  readonly pending: Map<number, (reply: ScriptReply) => void>;
  lastPong: number;
}

/** Of the environment: keys may be in it, and none of them is the script's business. */
const scriptEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    ["HOME", "TZ", "LANG"].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

export class ScriptRunner {
  readonly #options: RunnerOptions;
  readonly #now: () => number;
  #thread: Thread | undefined;
  #closed = false;
  #asked = 0;
  /** Threads that ended by themselves or had to be ended, since the last answer. */
  #deaths = 0;
  #restsUntil = -Infinity;
  #warnedAt = -Infinity;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get script(): RulesScript {
    return this.#options.script;
  }

  /** Loads the script. @throws SwitchyardError config.invalid, with what is wrong with it */
  async start(): Promise<void> {
    const thread = this.#begin();
    try {
      await thread.ready;
    } catch (error) {
      await this.close();
      const { file, name } = this.script;
      const words = error instanceof Error ? error.message : "";
      const alone =
        file === undefined ? "; in a container a script stands alone: it imports modules of Node only" : "";
      throw new SwitchyardError("config.invalid", {
        detail: `rulesScript: ${file ?? name} cannot be loaded: ${words}${alone}`,
        hint: "Correct the script, or take rulesScript (CUSTOM_ROUTER_PATH) away.",
      });
    }
  }

  /** Asks the script about a request. Never rejects, and takes little longer than the time limit. */
  async ask(request: RuleScriptRequest, config: RuleScriptConfig): Promise<ScriptReply> {
    const reply = await this.#ask(request, config);
    if ("failed" in reply) this.complain(reply.failed);
    else this.#deaths = 0;
    return reply;
  }

  /** Ends the thread; what is being asked falls through. */
  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread === undefined) return;
    this.#giveUp(thread, "it was replaced");
    await thread.worker.terminate();
  }

  #ask(request: RuleScriptRequest, config: RuleScriptConfig): Promise<ScriptReply> {
    if (this.#closed) return Promise.resolve({ failed: "it was replaced" });
    if (this.#thread === undefined && this.#now() < this.#restsUntil)
      return Promise.resolve({ failed: "it failed again and again, and rests" });
    const thread = this.#thread ?? this.#begin();
    const ask = ++this.#asked;
    const { timeout } = this.script;
    return new Promise((resolve) => {
      const done = (reply: ScriptReply): void => {
        clearTimeout(timer);
        thread.pending.delete(ask);
        resolve(reply);
      };
      thread.pending.set(ask, done);
      const timer = setTimeout(() => {
        // An answer that came while this thread was busy is still an answer.
        setImmediate(() => {
          if (!thread.pending.has(ask)) return;
          done({ failed: `it took longer than ${timeout} ms` });
          void this.#endIfHanging(thread);
        });
      }, timeout);
      thread.ready.then(
        () => send(thread.worker, { ask, request, config }),
        () => undefined,
      );
    });
  }

  /** One that waits for something is alive, and others may be served by it; one that answers nothing at all is ended. */
  async #endIfHanging(thread: Thread): Promise<void> {
    const ping = ++this.#asked;
    await thread.ready.catch(() => undefined);
    if (this.#thread !== thread) return;
    send(thread.worker, { ping });
    await new Promise((resolve) => setTimeout(resolve, Math.max(50, this.script.timeout)).unref());
    if (this.#thread === thread && thread.lastPong < ping) this.#lost(thread, "it hung, and was ended");
  }

  #begin(): Thread {
    const { script, said } = this.#options;
    const worker = new Worker(new URL("script-thread.ts", import.meta.url), {
      workerData: { file: script.file, name: script.name, text: script.text } satisfies ScriptData,
      env: scriptEnvironment(),
      argv: [],
      execArgv: ["--disable-warning=ExperimentalWarning", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memory },
      name: "rules-script",
    });
    for (const stream of [worker.stdout, worker.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => said(text.trimEnd().slice(0, 2_000)));
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    const thread: Thread = { worker, ready, pending: new Map(), lastPong: 0 };
    this.#thread = thread;
    // Whoever asks hears of it by the reply.
    ready.catch(() => undefined);
    const late = setTimeout(() => fail(`it took longer than ${loadLimit / 1000} s to load`), loadLimit);
    const fail = (reason: string): void => {
      clearTimeout(late);
      reject(new Error(reason));
      this.#lost(thread, reason);
    };
    worker.on("message", (message: FromScript) => {
      if ("ready" in message) {
        clearTimeout(late);
        // From now on it keeps nobody who wants to end.
        worker.unref();
        resolve();
      } else if ("unable" in message) fail(message.unable);
      else if ("pong" in message) thread.lastPong = message.pong;
      else
        thread.pending.get(message.ask)?.(
          "failed" in message ? { failed: message.failed } : { targets: message.targets },
        );
    });
    worker.on("error", (error: Error) => fail(`${error.name}: ${error.message}`.slice(0, 300)));
    worker.on("exit", () => fail("it ended its thread"));
    return thread;
  }

  /** A thread is of no more use: the next is begun at once, or after a rest where they die one after the other. */
  #lost(thread: Thread, reason: string): void {
    void thread.worker.terminate();
    this.#giveUp(thread, reason);
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#deaths++;
    if (this.#closed) return;
    if (this.#deaths > 1) {
      const rest = Math.min(longestRest, firstRest * 2 ** (this.#deaths - 2));
      this.#restsUntil = this.#now() + rest;
    } else this.#begin();
  }

  #giveUp(thread: Thread, reason: string): void {
    for (const done of thread.pending.values()) done({ failed: reason });
  }

  /** Has the log say what is wrong with it, once a minute at most. */
  complain(reason: string): void {
    const now = this.#now();
    if (this.#closed || now - this.#warnedAt < quiet) return;
    this.#warnedAt = now;
    this.#options.warn(`the script ${this.script.name} did not decide: ${reason}`);
  }
}

const send = (worker: Worker, message: ToScript): void => worker.postMessage(message, []);
