/** Ten thousand turns, five hundred at once: each token is counted once. */
import { it } from "vitest";
import { countTurns } from "../support/counted-turns.ts";
import { judgeCounted } from "../support/judge-counted.ts";

it("ten thousand turns, five hundred at once: ledger, budget and metrics say what the providers reported, to the token", async () => {
  judgeCounted(await countTurns({ turns: 10_000, together: 500 }), 10_000);
});
