/** The form of routes, in the configuration and in profiles. */
import type { z as Zod } from "zod";
import { boolean, oneOf, wholeNumber } from "./schema-fields.ts";
import { effortLevels, routeChoices, type RouteName } from "./types.ts";
import { z } from "./zod.ts";

const map = "a map (key: value)";

const targets = z.union(
  [
    z.string({ error: "a target: provider,model" }),
    z.array(z.string({ error: "a target: provider,model" }), { error: "a list of targets: provider,model" }),
  ],
  { error: "a target (provider,model), or a list of targets" },
);

const choose = oneOf(routeChoices).meta({
  description: "Which target goes first: by its place in the list, its speed, or its price. Default order.",
});
const routeForms = "a target (provider,model), a list of targets, or a map with `use`";
/** One route. */
export const route = <Extra extends Zod.ZodRawShape>(extra: Extra) =>
  z
    .union(
      [
        z.string({ error: routeForms }),
        z.array(z.string({ error: "a target: provider,model" }), { error: routeForms }),
        z.strictObject({ use: targets.optional(), choose, ...extra }, { error: routeForms }),
      ],
      { error: routeForms },
    )
    .optional();

const routeDescriptions: Record<RouteName, string> = {
  longContext: "Requests of more counted input tokens than `threshold`.",
  subagent: "Requests of subagents.",
  background: "Small requests of the client on its haiku model.",
  webSearch: "Requests with a web search tool.",
  image: "An image in the last user message.",
  think: "Thinking on purpose: enabled, or adaptive with an effort of `minEffort` or more.",
  opus: "Model ids of the opus tier.",
  sonnet: "Model ids of the sonnet tier.",
  haiku: "Model ids of the haiku tier.",
  fable: "Model ids of the fable tier.",
  default: "Everything else.",
};
const described = (name: RouteName, extra: Zod.ZodRawShape = {}) =>
  route(extra).meta({ description: routeDescriptions[name] });

export const routesSchema = z
  .strictObject(
    {
      longContext: described("longContext", { threshold: wholeNumber(1, 100_000_000, "a number of tokens") }),
      subagent: described("subagent"),
      background: described("background"),
      webSearch: described("webSearch"),
      image: described("image"),
      think: described("think", { minEffort: oneOf(effortLevels) }),
      opus: described("opus"),
      sonnet: described("sonnet"),
      haiku: described("haiku"),
      fable: described("fable"),
      default: described("default"),
      tierFirst: boolean().meta({
        description: "opus, sonnet, haiku and fable go before background and think.",
      }),
    },
    { error: map },
  )
  .optional();

export type RawRoutes = NonNullable<Zod.infer<typeof routesSchema>>;
export type RawRouteForm = NonNullable<RawRoutes["default"]>;
