/** Which keys a schema knows at a path: for the message about one that it does not know. */
import type { z as Zod } from "zod";
import type { Path } from "./problems.ts";
import { z } from "./zod.ts";

/** Steps out of optional(); of a union takes the forms that are objects. */
const objectsIn = (schema: Zod.core.$ZodType): readonly Zod.core.$ZodType[] => {
  if (schema instanceof z.ZodOptional) return objectsIn(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => objectsIn(option));
  return [schema];
};

const stepInto = (schema: Zod.core.$ZodType, part: string | number): readonly Zod.core.$ZodType[] =>
  objectsIn(schema).flatMap((form) => {
    if (form instanceof z.ZodObject) {
      const field = (form.shape as Record<string, Zod.core.$ZodType>)[part];
      return field ? [field] : [];
    }
    if (form instanceof z.ZodRecord) return [form.valueType];
    return form instanceof z.ZodArray ? [form.element] : [];
  });

/** Names of the keys that may stand in the map at `path`; empty where every name may. */
export const knownKeysAt = (schema: Zod.core.$ZodType, path: Path): readonly string[] => {
  let forms: readonly Zod.core.$ZodType[] = [schema];
  for (const part of path) forms = forms.flatMap((form) => stepInto(form, part));
  return forms
    .flatMap((form) => objectsIn(form))
    .flatMap((form) => (form instanceof z.ZodObject ? Object.keys(form.shape) : []));
};
