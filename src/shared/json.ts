/** Values that came as JSON. */

export type JsonObject = Record<string, unknown>;

/** An object of JSON: neither null nor an array. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
