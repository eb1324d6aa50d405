/** Small pieces of schemas in Google's form. */
import type { GeminiSchema } from "../../../../protocol/gemini.ts";

const scalars = (): GeminiSchema[] => [{ type: "string" }, { type: "number" }, { type: "boolean" }];

/** A value of no stated type, which Google's form does not have. */
export const anyValue = (): GeminiSchema => ({
  anyOf: [...scalars(), { type: "object" }, { type: "array", items: anyScalar() }],
});

/** The same without lists: what a list of no stated items holds, as every list must name its items. */
export const anyScalar = (): GeminiSchema => ({ anyOf: [...scalars(), { type: "object" }] });

/** Beside alternatives nothing else may stand: it goes into each. */
const spread = (schema: GeminiSchema, change: (one: GeminiSchema) => GeminiSchema): GeminiSchema =>
  schema.anyOf === undefined ? change(schema) : { ...schema, anyOf: schema.anyOf.map(change) };

/** Before what the schema says itself. */
export const withDescription = (schema: GeminiSchema, about: string): GeminiSchema => {
  if (about === "") return schema;
  return spread(schema, (one) => ({
    ...one,
    description: one.description === undefined ? about : `${about}\n${one.description}`,
  }));
};

export const withNullable = (schema: GeminiSchema, from: { nullable?: unknown }): GeminiSchema =>
  from.nullable === true ? spread(schema, (one) => ({ ...one, nullable: true })) : schema;
