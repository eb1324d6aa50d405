/** The command that gives a key back, with what came of the call. */
import type { StateCommand } from "../state/state.ts";
import { endProbe, noteFailed, noteServed } from "./rests.ts";
import { noteSpeed } from "./speed.ts";
import { leases } from "./tables.ts";
import type { GiveArgs } from "./terms.ts";
import { correctUse } from "./usage.ts";

/** A lease that is not known (given back already, or expired) changes nothing. */
export const giveKey: StateCommand<GiveArgs, void> = {
  name: "giveKey",
  lasting: true,
  run(tables, { lease: id, result }, now) {
    const lease = tables.of(leases).get(id);
    if (lease === undefined) return;
    tables.of(leases).delete(id);
    endProbe(tables, lease.probes, id, now);
    switch (result.kind) {
      case "served":
        noteServed(tables, lease, now);
        correctUse(tables, lease, result.tokens, now);
        if (result.firstToken !== undefined)
          noteSpeed(tables, lease.provider, lease.model, result.firstToken, now);
        return;
      case "failed":
        noteFailed(tables, lease, result, now);
        return;
      case "released":
        return;
    }
  },
};
