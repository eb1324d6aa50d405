/**
 * Fields of a request in Google's protocol. Its JSON is that of Protocol Buffers (protobuf.dev/programming-guides/json): each field may also be
 * written in snake case, as Google's own examples for curl do, and one item may stand where a list is meant.
 */
import type { JsonObject } from "../../../shared/json.ts";

const snakeOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A field by its name in camel case, however the client writes it. */
export const field = (object: JsonObject, name: string): unknown => object[name] ?? object[snakeOf(name)];

/** The name under which the client wrote a field; that in camel case where it did not. */
export const writtenName = (object: JsonObject, name: string): string =>
  object[name] === undefined && object[snakeOf(name)] !== undefined ? snakeOf(name) : name;

/** The name in camel case of a field that the client wrote. */
export const camelOf = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A list, or the one item in its place; empty where there is nothing. */
export const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : value === undefined || value === null ? [] : [value];

/** A number, which may be written as a text. Anything else is left as it is: whoever reads it says what is wrong with it. */
export const numberField = (object: JsonObject, name: string): unknown => {
  const value = field(object, name);
  return typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
};
