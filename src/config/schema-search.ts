/** The form of `search`: the search engine that answers where a model's provider has none of its own. */
import { duration, oneOf, text, wholeNumber } from "./schema-fields.ts";
import { z } from "./zod.ts";

export const searchProviders = ["tavily", "brave", "searxng"] as const;

export const searchSchema = z
  .strictObject(
    {
      provider: oneOf(searchProviders).meta({ description: "Who searches. Unset: nobody does." }),
      key: z.string({ error: "a key, as ${VARIABLE}" }).optional().meta({
        description: "Key of Tavily or Brave. While it is unset, nobody searches. SearXNG needs none.",
      }),
      baseUrl: text("an http:// or https:// URL").meta({
        description: "Address of your SearXNG; of the others only where it is not their own.",
      }),
      maxResults: wholeNumber(1, 20, "a number of results").meta({ description: "Results of one search." }),
      timeout: duration().meta({ description: "After so long a search has failed." }),
    },
    { error: "a map (key: value)" },
  )
  .optional()
  .meta({ description: "Web search for models whose provider has none of its own." });
