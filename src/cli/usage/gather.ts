/** The usage of every router of the project: those that run are asked, the ledgers of the others are read where they lie. */
import { join } from "node:path";
import type { ClosedLedger } from "../../shared/container-layout.ts";
import { messageOf } from "../../shared/errors.ts";
import { isJsonObject } from "../../shared/json.ts";
import type { UsageAnswer, UsageQuestion } from "../../shared/usage.ts";
import { ledgerFolder } from "../../shared/usage.ts";
import { answerOf, type RouterDoor } from "../routers/doors.ts";

/** What was found, and what could not be read. */
export interface Gathered {
  /** One of each ledger, however many routers share it. */
  readonly answers: readonly UsageAnswer[];
  readonly problems: readonly string[];
}

const isUsage = (answer: Record<string, unknown>): boolean =>
  typeof answer["ledger"] === "string" &&
  Array.isArray(answer["rows"]) &&
  typeof answer["total"] === "object";

const pathOf = (question: UsageQuestion): string => {
  const query = Object.entries(question).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return `/api/usage?${new URLSearchParams(query).toString()}`;
};

/** A stack's router may run in another kernel (Docker Desktop): its database is read only while it does not. */
const foldersOf = (stateDir: string, doors: readonly RouterDoor[]): string[] => [
  join(stateDir, ledgerFolder),
  ...(doors.some(({ kind }) => kind === "stack") ? [] : [join(stateDir, "router", ledgerFolder)]),
];

/** @param closed reads the ledgers of fused shells that are closed */
export const gatherUsage = async (
  question: UsageQuestion,
  stateDir: string,
  doors: readonly RouterDoor[],
  closed: (question: UsageQuestion) => Promise<readonly ClosedLedger[]>,
): Promise<Gathered> => {
  const found = new Map<string, UsageAnswer>();
  const problems: string[] = [];
  for (const door of doors) {
    const answer = await answerOf(door.ask("GET", pathOf(question)));
    if (typeof answer === "string") problems.push(`${door.name}: ${answer}`);
    else if (isUsage(answer)) {
      const usage = answer as unknown as UsageAnswer;
      found.set(usage.ledger, usage);
    } else problems.push(`${door.name}: it answers something else`);
  }
  const { readUsage } = await import("../../router/ledger/offline.ts");
  for (const folder of foldersOf(stateDir, doors)) {
    try {
      const usage = readUsage(folder, question);
      if (usage !== undefined && !found.has(usage.ledger)) found.set(usage.ledger, usage);
    } catch (error) {
      problems.push(`${folder}: ${messageOf(error)}`);
    }
  }
  try {
    for (const { name, usage, problem } of await closed(question)) {
      if (problem !== undefined) problems.push(`the closed shells of ${name}: ${problem}`);
      else if (isJsonObject(usage) && isUsage(usage)) {
        const answer = usage as unknown as UsageAnswer;
        if (!found.has(answer.ledger)) found.set(answer.ledger, answer);
      }
    }
  } catch (error) {
    problems.push(`closed shells in containers: ${messageOf(error)}`);
  }
  return { answers: [...found.values()], problems };
};
