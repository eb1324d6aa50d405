/** What Go goes by on this machine to reach its modules, for a build that must reach the same ones. */
import { join } from "node:path";
import type { Environment } from "../shared/paths.ts";

/** Where modules and their checksums come from (go.dev/ref/mod, "Environment variables"). */
const wanted = /^\s*(?:GOPROXY|GOSUMDB|GONOSUMDB|GONOPROXY|GOPRIVATE|GOINSECURE)=/;

/** Go's file of settings: `go help environment`. Empty: there is none. */
const fileOf = (env: Environment, home: string): string => {
  const named = env["GOENV"];
  if (named === "off") return "";
  if (named !== undefined && named !== "") return named;
  const folder =
    process.platform === "darwin"
      ? join(home, "Library/Application Support")
      : env["XDG_CONFIG_HOME"] || join(home, ".config");
  return join(folder, "go", "env");
};

/**
 * Text of a `GOENV` file with this machine's module proxy and checksum database and nothing else of it. What the environment names comes
 * last, and Go takes the last.
 * @param read text of a file, empty where it is not there
 */
export const goSettings = (env: Environment, home: string, read: (file: string) => string): string => {
  const lines = [
    ...read(fileOf(env, home)).split("\n"),
    ...Object.entries(env).flatMap(([name, value]) => (value ? [`${name}=${value}`] : [])),
  ];
  const settings = new Map(
    lines.filter((line) => wanted.test(line)).map((line) => [line.split("=", 1)[0]!.trim(), line.trim()]),
  );
  return [...settings.values()].join("\n");
};
