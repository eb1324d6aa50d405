/** A turn whose end was seen is paid for, and must be in the ledger, whatever becomes of the router a moment later. */
import { expect, it } from "vitest";
import { killRouters } from "../../chaos/support/killed-ledger.ts";

it("no turn whose end a client saw is missing after the router was killed, and none is counted twice", async () => {
  const { seen, kept, integrity } = await killRouters(6);
  expect(integrity).toBe("ok");
  expect(seen.size).toBeGreaterThan(6);
  expect([...seen].filter((session) => kept.get(session) !== 1)).toEqual([]);
}, 60_000);
