/** Pieces of JSON Schema (2020-12, as OpenAPI 3.1 has it), so that a description reads as a type does. */

export type Schema = Readonly<Record<string, unknown>>;

export const text = (description?: string): Schema => ({
  type: "string",
  ...(description !== undefined && { description }),
});
export const number = (description?: string): Schema => ({
  type: "number",
  ...(description !== undefined && { description }),
});
export const count = (description?: string): Schema => ({
  type: "integer",
  minimum: 0,
  ...(description !== undefined && { description }),
});
export const flag = (description?: string): Schema => ({
  type: "boolean",
  ...(description !== undefined && { description }),
});
/** As 2026-11-21T10:00:00.000Z. */
export const time = (description?: string): Schema => ({
  type: "string",
  format: "date-time",
  ...(description !== undefined && { description }),
});
export const oneOf = (...values: readonly string[]): Schema => ({ type: "string", enum: values });
export const only = (value: string): Schema => ({ const: value });
export const listOf = (items: Schema): Schema => ({ type: "array", items });
export const mapOf = (values: Schema): Schema => ({ type: "object", additionalProperties: values });
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
/** Anything that is an object: it is described by its own protocol. */
export const anyObject = (description: string): Schema => ({
  type: "object",
  additionalProperties: true,
  description,
});

/** Every property must be there, but for those of `optional`. */
export const object = (
  properties: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema => ({
  type: "object",
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
});

/** A schema of `components`. */
export const named = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
