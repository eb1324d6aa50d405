/** What OpenAI answers to the schema of a function, strict or not (words of its own 400s). */
import { fieldsOf, type Judge, listOf, text } from "./judge.ts";

/** @param fn `{name, parameters}` */
export const judgeFunctionSchema = (judge: Judge, fn: Readonly<Record<string, unknown>>): void => {
  const wrong = (words: string): void =>
    judge.say(`Invalid schema for function '${text(fn["name"])}': ${words}`);
  const root = fieldsOf(fn["parameters"]);
  if (
    root["type"] !== "object" ||
    ["oneOf", "anyOf", "allOf", "enum", "const", "not"].some((name) => name in root)
  )
    wrong(
      "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'const'/'not' at the top level.",
    );
  judgeLists(root, wrong);
};

const judgeLists = (schema: Readonly<Record<string, unknown>>, wrong: (words: string) => void): void => {
  const { type, items } = schema;
  if ((type === "array" || (Array.isArray(type) && type.includes("array"))) && items === undefined)
    wrong("array schema missing items.");
  if (Array.isArray(items)) wrong(`${JSON.stringify(items)} is not of type 'object', 'boolean'.`);
  for (const name of ["properties", "$defs", "definitions"])
    for (const one of Object.values(fieldsOf(schema[name]))) judgeLists(fieldsOf(one), wrong);
  for (const name of ["anyOf", "oneOf", "allOf", "prefixItems"])
    for (const one of listOf(schema[name])) judgeLists(one, wrong);
  for (const name of ["items", "additionalProperties"])
    if (schema[name] !== undefined) judgeLists(fieldsOf(schema[name]), wrong);
};
