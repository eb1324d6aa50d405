/** `GET /api/budgets`: how much of each budget is spent, and when it begins anew. */
import { viewArgs } from "../../budgets/view-args.ts";
import { viewBudgets, type BudgetRow } from "../../budgets/view.ts";
import type { Handler, RouterContext } from "../context.ts";

export interface BudgetsAnswer {
  /** Of the configuration, then of client keys (`/key NAME`). */
  readonly budgets: readonly BudgetRow[];
}

export const budgets = (context: RouterContext): Handler =>
  async function handleBudgets(_request, reply) {
    const args = viewArgs(context.config, context.clients.list());
    const answer: BudgetsAnswer = { budgets: await context.state.call(viewBudgets, args) };
    return reply.send(answer);
  };
