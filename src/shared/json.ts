/** Values that came as JSON. */

export type JsonObject = Record<string, unknown>;

/** An object of JSON: neither null nor an array. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object that a text holds; undefined where there is no text, or it holds something else. */
export const parseJsonObject = (text: string | undefined): JsonObject | undefined => {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
