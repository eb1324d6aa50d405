/** Every command of the state: what another process may send by its name. */
import {
  beginAttempt,
  beginSession,
  endSession,
  forgive,
  lookAtSession,
  useSession,
} from "../admin/sessions.ts";
import { reserve } from "../budgets/reserve.ts";
import { reached } from "../budgets/tables.ts";
import { grantRoom, toldTurns } from "../budgets/grants.ts";
import { settle, settleAll } from "../budgets/settle.ts";
import { restoreSpending, standOfBudgets, viewBudgets } from "../budgets/view.ts";
import { giveAllowance, takeAllowance, viewAllowances } from "../clients/allowance.ts";
import { clearCooldowns } from "../keys/clear.ts";
import { giveKey } from "../keys/give.ts";
import { measuredSpeed } from "../keys/speed.ts";
import { takeKey, whetherFree } from "../keys/take.ts";
import { toldUse } from "../keys/told.ts";
import { rests } from "../keys/tables.ts";
import { listState } from "../keys/view.ts";
import { keepChoice, listChoices } from "../profiles/choices.ts";
import { listSwitchedOff, switchedOff, switchProvider } from "../switches/commands.ts";
import type { MirroredRow } from "./mirror.ts";
import type { StateCommand } from "./state.ts";
import type { MemoryTables } from "./tables.ts";

const all = [
  beginAttempt,
  beginSession,
  clearCooldowns,
  endSession,
  forgive,
  giveAllowance,
  giveKey,
  grantRoom,
  keepChoice,
  listChoices,
  listState,
  listSwitchedOff,
  lookAtSession,
  measuredSpeed,
  reserve,
  restoreSpending,
  settle,
  settleAll,
  standOfBudgets,
  switchProvider,
  takeAllowance,
  takeKey,
  toldTurns,
  toldUse,
  useSession,
  viewAllowances,
  viewBudgets,
  whetherFree,
];

/** What workers have a copy of from the beginning. */
export const mirroredRows = (tables: Pick<MemoryTables, "rows">): MirroredRow[] => [
  ...tables.rows(rests),
  ...tables.rows(switchedOff),
  ...tables.rows(reached),
];

const byName = new Map(
  // What comes from another router of the same version is what that router's types say.
  all.map((command) => [command.name, command as unknown as StateCommand<unknown, unknown>]),
);

export const commandOf = (name: string): StateCommand<unknown, unknown> | undefined => byName.get(name);
