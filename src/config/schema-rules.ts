/** The form of custom rules and of the script that is asked after them. */
import { hoursForm } from "./hours.ts";
import { boolean, duration, text, wholeNumber } from "./schema-fields.ts";
import { z } from "./zod.ts";

const map = "a map (key: value)";

const patterns = (allowed: string, description: string) => {
  const forms = `${allowed}, or a list of them`;
  const one = z.string({ error: forms }).min(1, { error: forms });
  return z
    .union([one, z.array(one, { error: forms }).min(1, { error: forms })], { error: forms })
    .optional()
    .meta({ description });
};
const orBoolean = (allowed: string) => {
  const forms = `true, false, ${allowed}, or a list of them`;
  const one = z.string({ error: forms }).min(1, { error: forms });
  return z.union(
    [z.boolean({ error: forms }), one, z.array(one, { error: forms }).min(1, { error: forms })],
    {
      error: forms,
    },
  );
};

const namePattern = "a name (* stands for anything), or /a regular expression/";
const textPattern = "words to look for, or /a regular expression/";
const tokens = "a map with over, under, or both: numbers of tokens";

const when = z
  .strictObject(
    {
      model: patterns(namePattern, "The model that was asked for, without [1m]."),
      system: patterns(textPattern, "Words of the system prompt."),
      lastUser: patterns(textPattern, "Words of what the user said last."),
      tokens: z
        .strictObject(
          {
            over: wholeNumber(0, 100_000_000, "a number of tokens"),
            under: wholeNumber(1, 100_000_000, "a number of tokens"),
          },
          { error: tokens },
        )
        .optional()
        .meta({ description: "Counted input tokens: more than `over`, fewer than `under`." }),
      tools: orBoolean(namePattern)
        .optional()
        .meta({ description: "Tools that the request offers, by name; true: any, false: none." }),
      images: boolean().meta({ description: "An image anywhere in the conversation." }),
      thinking: boolean().meta({ description: "Thinking on purpose, as the rule `think` knows it." }),
      profile: patterns(namePattern, "The profile in the path that the client asks."),
      clientKey: patterns(
        "the name of a key or of its variable, its last four characters, or ${VARIABLE}",
        "The key that the client sent: its variable's name, the name that it was made with, its last four characters, or ${VARIABLE}.",
      ),
      hours: text(hoursForm).meta({ description: `Days and hours: ${hoursForm}.` }),
      timezone: text("the name of a zone, as Europe/Berlin").meta({
        description: "Zone of `hours`. Default: this machine's.",
      }),
      subagent: boolean().meta({ description: "A subagent or teammate asks." }),
      agent: patterns(namePattern, "The id of the agent that asks (x-claude-code-agent-id)."),
      session: patterns(namePattern, "The id of the session (x-claude-code-session-id)."),
      header: z
        .record(z.string(), orBoolean(namePattern), { error: map })
        .optional()
        .meta({ description: "Headers of the request, by name; true: it is there, false: it is not." }),
    },
    { error: "a map of conditions" },
  )
  .optional()
  .meta({ description: "Conditions: all that are given must hold; of a list any one." });

const targetForms = "a target (provider,model), or a list of targets";
const rule = z.strictObject(
  {
    name: text("a name of letters, digits, `.`, `-` and `_`").meta({
      description: "What x-switchyard-rule says behind `custom:`. Default: its place in the list.",
    }),
    when,
    use: z
      .union(
        [z.string({ error: targetForms }), z.array(z.string({ error: targetForms }), { error: targetForms })],
        {
          error: targetForms,
        },
      )
      .optional()
      .meta({ description: "A target, or a list tried in order." }),
  },
  { error: "a rule: a map with `when` and `use`" },
);

/** To be put among the fields of the configuration. */
export const ruleFields = {
  rules: z
    .array(rule, { error: "a list of rules, each a map with `when` and `use`" })
    .optional()
    .meta({ description: "Your own rules, asked in order before the built-in ones." }),
  rulesScript: z.string({ error: "the path of a TypeScript or JavaScript file" }).optional().meta({
    description:
      "A TypeScript or JavaScript file that exports a function, asked after `rules`. A relative path begins at this file.",
  }),
  rulesScriptTimeout: duration().meta({
    description: "How long the script may take for a request. Default 200ms.",
  }),
};
