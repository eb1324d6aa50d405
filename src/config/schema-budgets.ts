/** The form of budgets, and of the access to the administration. */
import { budgetPeriods } from "../shared/client-keys.ts";
import { duration, oneOf, text } from "./schema-fields.ts";
import { budgetScopes } from "./types-budgets.ts";
import { z } from "./zod.ts";

const names = (allowed: string) => {
  const forms = `${allowed}, or a list of them`;
  const one = z.string({ error: forms }).min(1, { error: forms });
  return z.union([one, z.array(one, { error: forms })], { error: forms }).optional();
};

const budgetName = "a name of its own, in one line, that begins with no slash";
const dollars = { error: "US dollars: a number above 0" };
const share = { error: "a share of the limit: above 0, at most 1" };
const forms = "refuse, or a map with `use`";
const target = "a target (provider,model), or a list of targets";

const budget = z.strictObject(
  {
    name: z
      .string({ error: budgetName })
      .regex(/^[^/\s][^\n]*$/, { error: budgetName })
      .optional()
      .meta({ description: "Default: scope and period, as `all-day`." }),
    scope: oneOf(budgetScopes).meta({
      description:
        "Whose spending counts together: everybody's, or that of each provider, profile or client key. Default all.",
    }),
    which: names("a name of a provider, profile or client key").meta({
      description: "The providers, profiles or client keys that it counts for. Default: each.",
    }),
    limit: z.number(dollars).positive(dollars).optional().meta({ description: "US dollars." }),
    per: oneOf(budgetPeriods).meta({ description: "When it begins anew. Default month." }),
    timezone: text("the name of a zone, as Europe/Berlin").meta({
      description: "Where midnight is. Default: this machine's.",
    }),
    warnAt: z
      .array(z.number(share).gt(0, share).max(1, share), { error: "a list of shares of the limit" })
      .optional()
      .meta({ description: "Shares of the limit at which the log warns. Default [0.5, 0.8]." }),
    onExceeded: z
      .union(
        [
          z.literal("refuse", { error: forms }),
          z.strictObject(
            {
              use: z
                .union(
                  [z.string({ error: target }), z.array(z.string({ error: target }), { error: target })],
                  {
                    error: target,
                  },
                )
                .optional(),
            },
            { error: forms },
          ),
        ],
        { error: forms },
      )
      .optional()
      .meta({ description: "Refuse turns, or have other targets serve them. Default refuse." }),
  },
  { error: "a budget: a map with `limit`" },
);

/** To be put among the fields of the configuration. */
export const budgetFields = {
  budgets: z
    .array(budget, { error: "a list of budgets, each a map with `limit`" })
    .optional()
    .meta({ description: "How much may be spent, by whom, and what happens then." }),
  admin: z
    .strictObject(
      {
        hosts: z
          .array(z.string({ error: "a host name" }), { error: "a list of host names" })
          .optional()
          .meta({
            description: "Names by which a browser may ask for the dashboard, beside loopback and addresses.",
          }),
        session: duration().meta({ description: "How long a login lasts without being used. Default 12h." }),
      },
      { error: "a map (key: value)" },
    )
    .optional(),
};
