/**
 * `GET /sessions/{id}`: what a session has used and where its last turn went, for the client whose session it is (its status line). A client key sees the turns
 * that were asked with it, and no other's: to it, a session of somebody else is one without turns.
 */
import type { SessionAnswer, SessionBudget, SessionTurn } from "../../shared/session-answer.ts";
import { authenticate } from "../auth.ts";
import { budgetsOfProvider, budgetsOfTurn } from "../budgets/terms-of.ts";
import { standOfBudgets, type BudgetRow } from "../budgets/view.ts";
import { requireProfile } from "../clients/permitted.ts";
import type { StoredTurn } from "../ledger/queries.ts";
import { askedOf } from "../profiles/asked.ts";
import type { Handler, RouterContext } from "./context.ts";
import { ledgerOf } from "./ledger/query.ts";

/** Rules of requests that the client makes beside the conversation. */
const beside = new Set(["background", "webSearch"]);

/** So far back the conversation's own last turn is looked for: a session with many subagents has most of its turns from them. */
const lookedAt = 50;

const isConversation = ({ agent, rule }: StoredTurn): boolean => agent === null && !beside.has(rule);

const shownTurn = ({ at, asked, rule, target, outcome, error }: StoredTurn): SessionTurn => ({
  at,
  asked,
  rule,
  target,
  outcome,
  error,
});

/** What turns under way hold is not taken off: it comes back for the most part. */
const shownBudget = ({ budget, of, limit, spent, unpriced, per, until }: BudgetRow): SessionBudget => ({
  budget,
  of,
  limit,
  left: Math.max(0, limit - spent),
  unpriced,
  per,
  until,
});

/** Answers a `SessionAnswer`. @throws SwitchyardError as `authenticate` and `askedOf`; client.profile, ledger.off, ledger.failed */
export const session = (context: RouterContext): Handler =>
  async function handleSession(request, reply) {
    const { client } = authenticate(request.headers, context);
    const { config, profile } = askedOf(request, context, client);
    requireProfile(client, profile);
    const { id } = request.params as { id: string };
    // An empty name asks for the turns without a key: those are of whoever is on this machine, as the asker is.
    const filter = { session: id, key: client?.name ?? "" };
    const ledger = ledgerOf(context);
    const [{ turns }, { total }] = await Promise.all([
      ledger.turns({ filter, limit: lookedAt }),
      ledger.usage({ by: "model", filter, limit: 1 }),
    ]);
    const last = turns.find(isConversation) ?? turns[0];
    const budgets = [
      ...budgetsOfTurn(config, { client, profile }),
      ...(last === undefined ? [] : budgetsOfProvider(config, last.target.split(",", 1)[0]!)),
    ].map(({ terms }) => terms);
    const { input, output, cacheWrite, cacheRead, reasoning } = total;
    const allInput = input + cacheWrite + cacheRead;
    const answer: SessionAnswer = {
      session: id,
      turns: total.turns,
      failed: total.failed,
      input,
      output,
      cacheWrite,
      cacheRead,
      reasoning,
      unreported: total.unreported,
      cost: total.cost,
      unpriced: total.unpriced,
      cacheShare: allInput === 0 ? null : cacheRead / allInput,
      last: last === undefined ? null : shownTurn(last),
      budgets: (budgets.length === 0 ? [] : await context.state.call(standOfBudgets, budgets)).map(
        shownBudget,
      ),
    };
    return reply.header("cache-control", "no-store").send(answer);
  };
