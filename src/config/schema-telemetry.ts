/** The form of `telemetry`: where traces and metrics are sent. */
import { boolean, duration } from "./schema-fields.ts";
import { z } from "./zod.ts";

const map = "a map (key: value)";
const headerForms = 'a map (name: value), or a text as "name=value,name=value"';

export const telemetrySchema = z
  .strictObject(
    {
      endpoint: z.string({ error: "an http:// or https:// URL" }).optional().meta({
        description: "Base URL of an OTLP/HTTP collector, as http://127.0.0.1:4318. Empty: nothing is sent.",
      }),
      headers: z
        .union(
          [
            z.string({ error: headerForms }),
            z.record(z.string(), z.string({ error: "a text" }), { error: headerForms }),
          ],
          { error: headerForms },
        )
        .optional()
        .meta({ description: "Sent with it, as a key of the collector's." }),
      service: z.string({ error: "a name" }).optional().meta({ description: "The resource's service.name." }),
      traces: boolean().meta({ description: "A span for each turn, and one for each call in it." }),
      metrics: boolean().meta({ description: "Tokens, duration and cost, as histograms and sums." }),
      interval: duration().meta({ description: "Between two sendings of metrics." }),
    },
    { error: map },
  )
  .optional();
