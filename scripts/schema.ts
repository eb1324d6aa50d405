/** Writes config/switchyard.schema.json from src/config/schema.ts. Run it after a change there: `node scripts/schema.ts`. */
import { writeFileSync } from "node:fs";
import { jsonSchemaText } from "../src/config/json-schema.ts";

writeFileSync(new URL("../config/switchyard.schema.json", import.meta.url), jsonSchemaText());
