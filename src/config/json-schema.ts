/** The JSON Schema of config/switchyard.yaml, so that editors complete it. Generated from the zod schema; scripts/schema.ts writes it. */
import { configSchema } from "./schema.ts";
import { z } from "./zod.ts";

/** The text of config/switchyard.schema.json. */
export const jsonSchemaText = (): string => {
  const schema = z.toJSONSchema(configSchema, {
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
  return `${JSON.stringify({ ...schema, title: "Switchyard's configuration" }, null, 2)}\n`;
};
