/**
 * The figures of docs/reliability.md: `make chaos FIGURES=1`. Prints tables and writes bench/results/reliability.json. SEED=n, TURNS=n (per share and
 * contender). Every contender meets the same faults: what befalls a call follows from seed, turn, provider and count.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { root } from "../support/cli.ts";
import { contenders, type Contender, type Running } from "./contenders.ts";
import { chaosProvider, routerProcess, type ChaosProcess } from "./support/processes.ts";
import { bodyOf, paths, type Ask } from "./support/turn.ts";
import { answerOf, callsIn } from "./support/words.ts";

const seed = Number(process.env["SEED"] ?? 1);
const turns = Number(process.env["TURNS"] ?? 200);
/** Clients at the same time, and milliseconds that each waits between two turns: who fails fast must not be asked more often. */
const [clients, pause] = [4, 400];
const patience = 30_000;

interface Row {
  contender: string;
  share: number;
  turns: number;
  /** Share of turns whose whole answer came. */
  completed: number;
  /** Nothing came to an end in 30 s. */
  hung: number;
  /** The end of a whole answer behind a part of one, or behind none. */
  passedOffAsWhole: number;
  /** What came instead, by status; 200 is a stream that was cut. */
  statuses: Record<string, number>;
  medianMs: number;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const median = (values: readonly number[]): number =>
  values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN;

interface Got {
  turn: string;
  text: string;
  /** It has the end of a whole answer and no error, whether it was whole or not. */
  ended: boolean;
  hung: boolean;
  status: number;
  began: number;
  /** Milliseconds to the first and to the last byte. */
  first: number;
  ms: number;
}

/** Reads as a lenient client does: how a stream is built otherwise is not the question here. */
const take = async (at: Pick<Running, "url" | "headers">, ask: Ask): Promise<Got> => {
  const began = performance.now();
  const got: Got = {
    turn: ask.order.turn,
    text: "",
    ended: false,
    hung: false,
    status: 0,
    began,
    first: 0,
    ms: 0,
  };
  try {
    const answer = await fetch(`${at.url}${paths.messages(ask)}`, {
      method: "POST",
      headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", ...at.headers },
      body: JSON.stringify(bodyOf(ask)),
      signal: AbortSignal.timeout(patience),
    });
    got.status = answer.status;
    const parts: Uint8Array[] = [];
    for await (const part of answer.body ?? []) {
      got.first ||= performance.now() - began;
      parts.push(part as Uint8Array);
    }
    const events = [
      ...Buffer.concat(parts)
        .toString()
        .matchAll(/^data: ?(\{.*\})\r?$/gm),
    ].map((match) => JSON.parse(match[1]!) as { type?: string; error?: unknown; delta?: { text?: string } });
    got.text = events.map(({ delta }) => delta?.text ?? "").join("");
    const failed = answer.status !== 200 || events.some(({ error }) => error !== undefined);
    got.ended = !failed && events.some(({ type }) => type === "message_stop");
  } catch (error) {
    got.hung = error instanceof Error && error.name === "TimeoutError";
  }
  got.ms = performance.now() - began;
  return got;
};

/** All the words of one call, and the end of a whole answer. */
const isWhole = ({ text, turn, ended }: Got): boolean => {
  const [call] = callsIn(text);
  return ended && call !== undefined && answerOf(call, turn).text === text;
};

const measure = async (contender: Contender, share: number): Promise<Row> => {
  const providers = await Promise.all(["a", "b"].map((name) => chaosProvider({ name, seed, share })));
  const [a, b] = providers as [ChaosProcess, ChaosProcess];
  const running = await contender.start(a.url, b.url);
  try {
    const verdicts: Got[] = [];
    const left = Array.from({ length: turns }, (_, n) => n).values();
    const client = async (): Promise<void> => {
      for (const n of left) {
        const order = { turn: String(n) };
        const ask = { form: "messages" as const, stream: true, model: running.model, order };
        verdicts.push(await take(running, ask));
        await new Promise((later) => setTimeout(later, pause));
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    const whole = verdicts.filter(isWhole);
    const statuses: Record<string, number> = {};
    for (const verdict of verdicts)
      if (!isWhole(verdict)) statuses[verdict.status] = (statuses[verdict.status] ?? 0) + 1;
    return {
      contender: contender.name,
      share,
      turns,
      completed: whole.length / turns,
      hung: verdicts.filter(({ hung }) => hung).length,
      passedOffAsWhole: verdicts.filter((verdict) => verdict.ended && !isWhole(verdict)).length,
      statuses,
      medianMs: Math.round(median(whole.map(({ ms }) => ms))),
    };
  } finally {
    await running.close();
    await Promise.all(providers.map((provider) => provider.kill()));
  }
};

/** From the death of the process that was asked to the first byte of the next target's answer. */
const deaths = async (count: number, failures: string): Promise<number[]> => {
  const b = await chaosProvider({ name: "b", seed, share: 0 });
  let a = await chaosProvider({ name: "a", seed, share: 0 });
  const port = Number(new URL(a.url).port);
  const router = await routerProcess(
    `
providers:
  a: { dialect: openai-chat, baseUrl: "${a.url}/v1", keys: [sk-a-0123456789], failures: { breakAfter: 1000, ${failures} } }
  b: { dialect: openai-chat, baseUrl: "${b.url}/v1", keys: [sk-b-0123456789] }
routes: { default: ["a,m", "b,m"], background: , think: , longContext: , webSearch: }
`,
    { keepsLog: false },
  );
  const times: number[] = [];
  try {
    for (let n = 0; n < count; n++) {
      const order = { turn: String(n), on: "a", fault: n % 2 === 0 ? "stallBeforeHead" : "stallAfterHead" };
      const ask = { form: "messages" as const, stream: true, model: "claude-sonnet-4-5", order };
      const turn = take({ url: router.url, headers: {} }, ask);
      while ((await a.calls()).length === 0) await new Promise((later) => setTimeout(later, 10));
      await new Promise((later) => setTimeout(later, 50));
      const death = performance.now();
      await a.kill();
      const got = await turn;
      if (!isWhole(got)) throw new Error(`turn ${n} was not completed`);
      times.push(got.began + got.first - death);
      a = await chaosProvider({ name: "a", seed, share: 0, port });
    }
  } finally {
    await router.close();
    await Promise.all([a.kill(), b.kill()]);
  }
  return times;
};

const rows: Row[] = [];
for (const share of [0.1, 0.3, 0.5])
  for (const contender of contenders) {
    const row = await measure(contender, share);
    rows.push(row);
    print(
      `${share * 100} % faults  ${row.contender.padEnd(12)} completed ${(row.completed * 100).toFixed(1)} %  ` +
        `hung ${row.hung}  passed off as whole ${row.passedOffAsWhole}  median ${row.medianMs} ms  ${JSON.stringify(row.statuses)}`,
    );
  }

const moves: Record<string, { median: number; worst: number }> = {};
for (const [name, failures] of Object.entries({
  "three calls of a target, as by default": "tries: 3",
  "one call of a target": "tries: 1",
})) {
  const times = await deaths(50, failures);
  moves[name] = { median: Math.round(median(times)), worst: Math.round(Math.max(...times)) };
  print(
    `death to first token, ${name}: median ${moves[name].median} ms, worst of 50 ${moves[name].worst} ms`,
  );
}

const file = join(root, "bench/results/reliability.json");
const about = Object.fromEntries(contenders.map(({ name, about }) => [name, about]));
const machine = `${cpus().length} processors, Node ${process.versions.node}`;
writeFileSync(
  file,
  `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), machine, seed, about, rows, moves }, undefined, 2)}\n`,
);
print(`written: ${file}`);
