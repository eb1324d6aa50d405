/** The form of `ledger` and `capture`: what is kept of turns. */
import { boolean, duration, size } from "./schema-fields.ts";
import { z } from "./zod.ts";

const map = { error: "a map (key: value)" };

export const ledgerFields = {
  ledger: z
    .strictObject(
      {
        enabled: boolean().meta({ description: "Every turn is kept: tokens, cost, attempts; no text." }),
        retention: duration().meta({
          description: "How long single turns are kept, and usage by session; at least 1h.",
        }),
        totals: duration().meta({ description: "How long sums are kept by hour, model, rule and key." }),
      },
      map,
    )
    .optional()
    .meta({ description: "What turns cost." }),
  capture: z
    .strictObject(
      {
        requests: boolean().meta({ description: "Prompts are kept, in a file of each turn." }),
        answers: boolean().meta({ description: "Answers are kept, in a file of each turn." }),
        maxAge: duration().meta({ description: "Older files are removed." }),
        maxSize: size().meta({ description: "Of all files together; the oldest go first." }),
      },
      map,
    )
    .optional()
    .meta({ description: "Prompts and answers of turns, for looking into. Off unless it is set." }),
};
