/**
 * What a turn costs as its session grows: sessions of 100 turns, the last of some 200,000 tokens, are played turn by turn to the router, to the floor, and to the
 * floor with a parse of the body. CPU of each of the last five turns up to turn 10, 25, 50 and 100.
 */
import type { Form } from "./answers.ts";
import { sessionBodies } from "./bodies.ts";
import { clientModel } from "./contenders/contender.ts";
import { parsingPipe, pipe } from "./contenders/pipe.ts";
import { switchyard } from "./contenders/switchyard.ts";
import { describeFaults, enter, type Entry, type Field } from "./field.ts";
import { cpuSeconds } from "./proc.ts";
import { end } from "./processes.ts";
import { spreadOf, type Spread } from "./statistics.ts";

/** The turns that are shown. */
const shown = [10, 25, 50, 100] as const;
/** Turns up to a shown one of which its figure is the mean. */
const together = 5;
const warmUp = 2;

export interface SessionTurn {
  readonly form: Form;
  readonly turn: number;
  /** Of the body. */
  readonly bytes: number;
  /** CPU milliseconds of a turn: the router, the floor, and the floor that parses. */
  readonly own: Spread;
  readonly passing: Spread;
  readonly parsing: Spread;
  /** Of the router, less what the floor that parses costs in the same session. */
  readonly added: Spread;
}

/** @returns CPU milliseconds of a turn, for each that is shown. @throws Error where an answer is wrong */
const play = async (field: Field, entry: Entry, bodies: readonly string[]): Promise<readonly number[]> => {
  const found: number[] = [];
  let before = 0;
  for (const [i, body] of bodies.entries()) {
    const turn = i + 1;
    if (shown.some((each) => turn === each - together + 1)) before = cpuSeconds(entry.process!.pid);
    const report = await field.load.run({
      port: entry.port,
      path: entry.contender.requestPath(entry.form, true),
      form: entry.contender.clientForm(entry.form),
      stream: true,
      answer: "short",
      headers: entry.headers,
      body,
      connections: 1,
      requests: 1,
      milliseconds: 60_000,
      least: 0,
    });
    if (report.completed < 1)
      throw new Error(`${entry.contender.name}, turn ${turn}: ${describeFaults(report)}`);
    if (shown.some((each) => turn === each))
      found.push(((cpuSeconds(entry.process!.pid) - before) * 1000) / together);
  }
  return found;
};

/** @param sessions that count; some before warm up */
export const sessionTurns = async (field: Field, sessions: number): Promise<readonly SessionTurn[]> => {
  const rows: SessionTurn[] = [];
  for (const form of ["anthropic", "chat"] as const) {
    const entries: Entry[] = [];
    for (const contender of [switchyard, pipe, parsingPipe])
      entries.push(await enter(field, contender, form));
    const samples: (readonly number[])[][] = [];
    let bytes: number[] = [];
    for (let number = -warmUp; number < sessions; number++) {
      const bodies = sessionBodies(number + warmUp + 1, shown.at(-1)!, clientModel);
      bytes = shown.map((turn) => Buffer.byteLength(bodies[turn - 1]!));
      const sample: (readonly number[])[] = [];
      for (const entry of entries) sample.push(await play(field, entry, bodies));
      if (number >= 0) samples.push(sample);
    }
    for (const { process } of entries) await end(process!.child);
    for (const [i, turn] of shown.entries()) {
      const of = (contender: number): Spread => spreadOf(samples.map((each) => each[contender]![i]!));
      rows.push({
        form,
        turn,
        bytes: bytes[i]!,
        own: of(0),
        passing: of(1),
        parsing: of(2),
        added: spreadOf(samples.map((each) => each[0]![i]! - each[2]![i]!)),
      });
    }
  }
  return rows;
};
