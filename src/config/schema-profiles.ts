/** The form of a profile: a file of its own, or an entry under `profiles`. */
import type { z as Zod } from "zod";
import { type ClientSwitchName, clientSwitches } from "./client-switches.ts";
import { boolean, oneOf, text, wholeNumber } from "./schema-fields.ts";
import { route, routesSchema } from "./schema-routes.ts";
import { effortLevels } from "./types.ts";
import { z } from "./zod.ts";

const map = "a map (key: value)";

const model = (description: string) => route({}).meta({ description });
const switchOf = (name: ClientSwitchName) => {
  const { description, env } = clientSwitches[name];
  const variables = Object.entries(env).map(([variable, value]) => `${variable}=${value}`);
  return boolean().meta({ description: `${description} (${variables.join(", ")})` });
};
const switches = Object.fromEntries(
  Object.keys(clientSwitches).map((name) => [name, switchOf(name as ClientSwitchName)]),
) as Record<ClientSwitchName, ReturnType<typeof switchOf>>;

export const profileSchema = z.strictObject(
  {
    description: text("a text of one line").meta({ description: "What lists show beside the name." }),
    models: z
      .strictObject(
        {
          opus: model("What requests of the opus tier go to."),
          sonnet: model(
            "What requests of the sonnet tier go to; and all others, where no default route is set.",
          ),
          haiku: model("What requests of the haiku tier go to."),
          fable: model("What requests of the fable tier go to."),
          subagent: model("What subagents ask, whatever their tier."),
        },
        { error: map },
      )
      .optional()
      .meta({ description: "A target, or a list tried in order, for each tier of the client." }),
    routes: routesSchema.meta({ description: "Routes that differ from those of the configuration." }),
    contextWindow: wholeNumber(1_000, 100_000_000, "a number of tokens").meta({
      description:
        "Context window of the models: the client compacts in time for it (CLAUDE_CODE_MAX_CONTEXT_TOKENS, CLAUDE_CODE_AUTO_COMPACT_WINDOW).",
    }),
    maxOutputTokens: wholeNumber(1, 100_000_000, "a number of tokens").meta({
      description: "The most that the client asks for in one answer (CLAUDE_CODE_MAX_OUTPUT_TOKENS).",
    }),
    effort: oneOf(effortLevels).meta({
      description: "How hard the client asks its models to think (CLAUDE_CODE_EFFORT_LEVEL).",
    }),
    client: z
      .strictObject(switches, { error: map })
      .optional()
      .meta({ description: "Compatibility switches of the client." }),
  },
  { error: map },
);

export type RawProfile = Zod.infer<typeof profileSchema>;

/** To be put among the fields of the configuration. */
export const profileFields = {
  profiles: z.record(z.string(), profileSchema, { error: map }).optional().meta({
    description:
      "Other routes by name, each served under /p/NAME/; over those of config/profiles/NAME.yaml, key by key.",
  }),
};
