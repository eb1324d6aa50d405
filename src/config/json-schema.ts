/** The JSON Schemas of config/switchyard.yaml and of profiles, so that editors complete them. Generated from the zod schemas; scripts/schema.ts writes them. */
import type { z as Zod } from "zod";
import { profileSchema } from "./schema-profiles.ts";
import { configSchema } from "./schema.ts";
import { z } from "./zod.ts";

/** The text of config/switchyard.schema.json. */
export const jsonSchemaText = (): string => schemaText(configSchema, "Switchyard's configuration");

/** The text of config/profile.schema.json. */
export const profileSchemaText = (): string => schemaText(profileSchema, "A profile of Switchyard");

const schemaText = (form: Zod.ZodType, title: string): string => {
  const schema = z.toJSONSchema(form, {
    target: "draft-7",
    io: "input",
    // Before variables are resolved a number or a choice may also be written as ${VARIABLE}.
    override: ({ jsonSchema }) => {
      const { type, enum: names, description, ...limits } = jsonSchema;
      if (type !== "integer" && type !== "number" && type !== "boolean" && names === undefined) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      if (description !== undefined) jsonSchema.description = description;
      const own = {
        ...(type !== undefined && { type }),
        ...(names !== undefined && { enum: names }),
        ...limits,
      };
      jsonSchema.anyOf = [own, { type: "string", pattern: String.raw`\$\{` }];
    },
  });
  return `${JSON.stringify({ ...schema, title }, null, 2)}\n`;
};
