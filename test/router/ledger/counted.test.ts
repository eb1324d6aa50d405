/** Tokens and cost of turns that went through the router at the same time, against what their providers reported. */
import { it } from "vitest";
import { countTurns } from "../../support/counted-turns.ts";
import { judgeCounted } from "../../support/judge-counted.ts";

it("three hundred turns, a hundred at once: ledger, budget and metrics say what the providers reported, to the token", async () => {
  judgeCounted(await countTurns({ turns: 300, together: 100 }), 300);
}, 60_000);
