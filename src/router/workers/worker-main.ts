/** The start of a worker: only forked by workers.ts. It ends with the process that began it. */
import { compileSooner } from "../../shared/compile-sooner.ts";
import { errorOf, problemOf, type Figures, type FromWorker, type ToWorker } from "./messages.ts";
import { type RunningWorker, startWorker, type WorkerLink } from "./worker.ts";

// A terminal gives signals to all processes at once: what is to end, and when, comes from the one that began us.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const send = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

let number = 0;
const sharing = new Map<number, () => void>();
const link: WorkerLink = {
  send,
  share: (key, name) =>
    new Promise((resolve) => {
      sharing.set(++number, resolve);
      send({ kind: "chose", number, key, name });
    }),
};

let worker: RunningWorker | undefined;
const running = (): RunningWorker => {
  if (worker === undefined) throw errorOf({ code: "internal", hint: "", detail: "the worker has not begun" });
  return worker;
};

const done = async (message: Extract<ToWorker, { number: number }>): Promise<void> => {
  switch (message.kind) {
    case "begin":
      worker = await startWorker(message.begin, link);
      compileSooner();
      return;
    case "prepare":
      return running().prepare(message.config);
    case "swap":
      return running().swap();
    case "take":
      await running().prepare(message.config);
      return running().swap();
    case "report":
      // One that begins has served nothing yet.
      return worker?.report();
    case "look":
      return running().look(message.defaultProfile);
    case "chosen":
      return running().chosen(message.key, message.name);
    case "shared":
      sharing.get(message.number)?.();
      sharing.delete(message.number);
  }
};

/** What changes something is done in the order in which it was asked for. */
let last: Promise<void> = Promise.resolve();

const answer = async (message: Extract<ToWorker, { number: number }>): Promise<void> => {
  const figures = (): Figures => worker?.figures() ?? { inFlight: 0, resident: 0, processor: 0 };
  try {
    await done(message);
    if (message.kind !== "shared") send({ kind: "done", number: message.number, figures: figures() });
  } catch (error) {
    send({ kind: "done", number: message.number, figures: figures(), problem: problemOf(error) });
  }
};

const end = async (grace: number): Promise<void> => {
  await last;
  await worker?.end(grace);
  // What was said last is to arrive.
  process.send?.({ kind: "up" } satisfies FromWorker, undefined, {}, () => process.exit(0));
};

process.on("message", (message: ToWorker) => {
  if (message.kind === "end") void end(message.grace);
  else if (message.kind === "watch") last = last.then(() => worker?.watch(message.on));
  else if (message.kind === "report" || message.kind === "shared") void answer(message);
  else last = last.then(() => answer(message));
});
send({ kind: "up" });
