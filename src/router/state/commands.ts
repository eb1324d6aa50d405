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
import { settle } from "../budgets/settle.ts";
import { restoreSpending, standOfBudgets, viewBudgets } from "../budgets/view.ts";
import { giveAllowance, takeAllowance, viewAllowances } from "../clients/allowance.ts";
import { clearCooldowns } from "../keys/clear.ts";
import { giveKey } from "../keys/give.ts";
import { measuredSpeed } from "../keys/speed.ts";
import { takeKey, whetherFree } from "../keys/take.ts";
import { listState } from "../keys/view.ts";
import { keepChoice, listChoices } from "../profiles/choices.ts";
import { listSwitchedOff, switchProvider } from "../switches/commands.ts";
import type { StateCommand } from "./state.ts";

const all = [
  beginAttempt,
  beginSession,
  clearCooldowns,
  endSession,
  forgive,
  giveAllowance,
  giveKey,
  keepChoice,
  listChoices,
  listState,
  listSwitchedOff,
  lookAtSession,
  measuredSpeed,
  reserve,
  restoreSpending,
  settle,
  standOfBudgets,
  switchProvider,
  takeAllowance,
  takeKey,
  useSession,
  viewAllowances,
  viewBudgets,
  whetherFree,
];

const byName = new Map(
  // What comes from another router of the same version is what that router's types say.
  all.map((command) => [command.name, command as unknown as StateCommand<unknown, unknown>]),
);

export const commandOf = (name: string): StateCommand<unknown, unknown> | undefined => byName.get(name);
