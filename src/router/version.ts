/** The version of package.json; looked up where it is told. */
import { readFileSync } from "node:fs";

export const versionOfRouter = (): string => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
};
