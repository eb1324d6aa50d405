/** Values in what an engine answers, whatever they are. */
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";

export const text = (value: unknown): string => (typeof value === "string" ? value : "");

export const objects = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

/** Text without the tags and character references that some engines put around the words that were found. */
export const plain = (value: unknown): string =>
  text(value)
    .replaceAll(/<\/?[a-z][^<>]*>/gi, "")
    .replaceAll(/&(amp|lt|gt|quot|#39|#x27|nbsp);/g, (_, name: string) => references[name] ?? "")
    .replaceAll(/\s+/g, " ")
    .trim();

const references: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  "#x27": "'",
  nbsp: " ",
};
