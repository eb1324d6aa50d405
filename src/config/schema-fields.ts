/** The kinds of fields that the schema is made of. Each says in `error` what is allowed there. */
import { durationPattern, sizePattern } from "./units.ts";
import { z } from "./zod.ts";

export const boolean = () => z.boolean({ error: "true or false" }).optional();

/** A text that is not empty. */
export const text = (allowed: string) => z.string({ error: allowed }).min(1, { error: allowed }).optional();

export const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, { error: `one of ${names.join(", ")}` }).optional();

export const wholeNumber = (least: number, most: number, what: string) => {
  const allowed = { error: `${what}: a whole number from ${least} to ${most}` };
  return z.int(allowed).min(least, allowed).max(most, allowed).optional();
};

/** Milliseconds, or "10s", "500ms", "5m". */
export const duration = () => {
  const allowed = { error: 'a duration, as "10s", "500ms" or a number of milliseconds' };
  return z
    .union([z.int(allowed).min(0, allowed), z.string(allowed).regex(durationPattern, allowed)], allowed)
    .optional();
};

/** Bytes, or "32mb". */
export const size = () => {
  const allowed = { error: 'a size, as "32mb" or a number of bytes' };
  return z
    .union([z.int(allowed).min(1, allowed), z.string(allowed).regex(sizePattern, allowed)], allowed)
    .optional();
};

/** Processes of the router. */
export const workers = () => {
  const allowed = { error: "a whole number from 1 to 64, or auto" };
  return z
    .union([z.int(allowed).min(1, allowed).max(64, allowed), z.literal("auto", allowed)], allowed)
    .optional();
};
