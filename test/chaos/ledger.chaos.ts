/** The router is killed a hundred times while turns end. */
import { expect, it } from "vitest";
import { killRouters } from "./support/killed-ledger.ts";
import { tell } from "./support/tell.ts";

it("a hundred kills lose no turn whose end a client saw", async () => {
  const { seen, kept, integrity } = await killRouters(100);
  tell(`${seen.size} turns were seen to end, the ledger has ${kept.size}`);
  expect(integrity).toBe("ok");
  expect([...seen].filter((session) => kept.get(session) !== 1)).toEqual([]);
});
