/** The `/model` list as it is laid beside the managed settings of the stack's client, with the script that brings it into the client's record. */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { managedSettingsDir, modelListFiles } from "../shared/container-layout.ts";
import { viaPrefix } from "../shared/via-prefix.ts";
import type { ModelOption } from "./model-list.ts";

/** An entry of the list. @param name `provider,model` */
export const modelOption = (name: string): ModelOption => ({
  value: `${viaPrefix}${name}`,
  label: name,
  description: "Switchyard",
});

/** Text of the list. @param models targets, `provider,model` */
export const modelListText = (models: readonly string[]): string =>
  `${JSON.stringify({ prefix: viaPrefix, options: models.map(modelOption) })}\n`;

/** JavaScript that is run in the client's container, as its user. */
export const modelListScript = (): string => {
  const source = readFileSync(new URL("model-list.ts", import.meta.url), "utf8");
  const list = JSON.stringify(`${managedSettingsDir}/${modelListFiles.list}`);
  return `${stripTypeScriptTypes(source)}\nupdateRecord(\`\${process.env.CLAUDE_CONFIG_DIR}/.claude.json\`, ${list});\n`;
};
