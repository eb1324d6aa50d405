/** Turns of a process that was killed after it had written them to the ledger, and before it had told what they cost: budgets count them, each once. */
import { setTimeout as sleep } from "node:timers/promises";
import { isJsonObject } from "../../shared/json.ts";
import { madeKeyId } from "../../shared/client-key.ts";
import { messageOf } from "../../shared/errors.ts";
import { chargesOf } from "../admission/admit.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import type { RouterContext } from "../endpoints/context.ts";
import type { StoredTurn } from "../ledger/queries.ts";
import type { Spent } from "../ledger/record.ts";
import { settle } from "./settle.ts";
import { reservations } from "./tables.ts";
import { budgetsOfProvider, budgetsOfTurn } from "./terms-of.ts";

/** What a killed process had said is read by then, in milliseconds. */
const settled = 100;

/** @param held what the process held when it ended, by table. Never rejects */
export const settleLostTurns = async (
  context: Pick<RouterContext, "config" | "clients" | "state" | "ledger" | "log">,
  held: ReadonlyMap<string, readonly unknown[]>,
): Promise<void> => {
  const { ledger, state, log } = context;
  const open = (held.get(reservations.name) ?? []).flatMap((value) =>
    isJsonObject(value) && typeof value["turn"] === "string" && typeof value["lease"] === "string"
      ? [{ turn: value["turn"], lease: value["lease"] }]
      : [],
  );
  if (ledger === undefined || open.length === 0) return;
  try {
    await sleep(settled);
    for (const { turn: id, lease } of open) {
      const turn = await ledger.turn(id);
      // One that had not come to its end has cost nothing that anybody knows of.
      if (turn === undefined) continue;
      await state.call(settle, { lease, at: Date.parse(turn.at), charges: chargesOfStored(context, turn) });
    }
  } catch (error) {
    log.warn(
      { code: "budget.notRestored", reason: messageOf(error) },
      "what the last turns of a process that was killed have cost is not in the budgets; the ledger knows them",
    );
  }
};

const chargesOfStored = (
  { config, clients }: Pick<RouterContext, "config" | "clients">,
  turn: StoredTurn,
) => {
  const record = clients.records().find(({ name }) => name === turn.clientKey);
  const client: ClientIdentity | undefined =
    turn.clientKey === null
      ? undefined
      : { name: turn.clientKey, id: madeKeyId(turn.clientKey), terms: record };
  const spender = { client, profile: turn.profile ?? undefined };
  const parts = turn.attempts.flatMap(({ target, tokens, cost = null }): Spent[] =>
    tokens === undefined ? [] : [{ target, tokens, cost }],
  );
  const elsewhere = parts.some(({ target }) => target !== turn.target);
  const unknown = turn.tokens === null && turn.outcome === "done";
  return chargesOf(
    { record: { ...turn, ...(elsewhere && { spent: parts }) }, unknown },
    budgetsOfTurn(config, spender),
    (provider) => budgetsOfProvider(config, provider),
  );
};
