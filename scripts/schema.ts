/** Writes config/switchyard.schema.json and config/profile.schema.json from src/config/. Run it after a change of a schema there: `node scripts/schema.ts`. */
import { writeFileSync } from "node:fs";
import { jsonSchemaText, profileSchemaText } from "../src/config/json-schema.ts";

const texts = { "switchyard.schema.json": jsonSchemaText(), "profile.schema.json": profileSchemaText() };
for (const [name, text] of Object.entries(texts))
  writeFileSync(new URL(`../config/${name}`, import.meta.url), text);
