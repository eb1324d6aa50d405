/** Runs a turn: the client is answered, whatever happens, and the log has a line. */
import { runAttempts } from "./attempts.ts";
import type { Failed } from "./last-words.ts";
import { logTurn } from "./log.ts";
import type { Outcome } from "./outcome.ts";
import type { Turn } from "./turn.ts";

/** Never rejects. */
export const runTurn = async (turn: Turn): Promise<void> => {
  const began = performance.now();
  const failed: Failed[] = [];
  if (turn.request.stream === true) turn.reply.holdStream();
  let outcome: Outcome | undefined;
  try {
    outcome = await runAttempts(turn, failed);
  } catch (error) {
    turn.log.error({ requestId: turn.id, err: error }, "a turn failed inside the router");
    try {
      turn.reply.fail({
        status: 500,
        type: "api_error",
        message: "Something went wrong inside Switchyard; its log says what",
      });
    } catch {
      // An answer that cannot be written must not leave the client waiting.
      turn.reply.drop();
    }
  }
  const { cutBy } = turn.reply;
  if (cutBy !== undefined && outcome?.kind !== "cut")
    outcome = { kind: "cut", failure: cutBy, usage: undefined };
  // What the client saw no end of: it went, or was cut off.
  turn.account.end(outcome, turn.reply.headSent ? 200 : 499);
  logTurn(turn, outcome, failed, began);
  await turn.account.settled();
};
