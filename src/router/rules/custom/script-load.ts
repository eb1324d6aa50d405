/** Loads a script inside its thread: TypeScript or JavaScript, an ES module or CommonJS, from its file or from its text alone. */
import { spawnSync } from "node:child_process";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction, constants } from "node:vm";
import type { ScriptData } from "./script-messages.ts";
import type { RuleScript } from "./script-types.ts";

/** An error as a person wants it: what, and in which line of the script. */
export const describeError = (error: unknown, name: string): string => {
  if (!(error instanceof Error))
    return `it threw ${typeof error === "string" ? error.slice(0, 200) : typeof error}`;
  const lines = (error.stack ?? "").split("\n");
  const place = lines.find((line) => line.includes(name) || line.includes("data:text/javascript"));
  const line = /:(\d+)(?::\d+)?\)?$/.exec(place?.trim() ?? "")?.[1];
  const where = line === undefined ? "" : ` (${name}, line ${line})`;
  return `${error.name}: ${error.message.split("\n", 1)[0]?.slice(0, 300) ?? ""}${where}`;
};

const functionIn = (exported: unknown): RuleScript | undefined => {
  if (typeof exported === "function") return exported as RuleScript;
  if (typeof exported !== "object" || exported === null) return undefined;
  const { default: own, router } = exported as { default?: unknown; router?: unknown };
  return functionIn(own) ?? (typeof router === "function" ? (router as RuleScript) : undefined);
};

/** A CommonJS script's exports; undefined where the text is no such script. Not left to Node: a folder's package.json would decide what it is. */
const loadCommonJs = (code: string, { file, name }: ScriptData): { exports: unknown } | undefined => {
  let compiled: (...given: unknown[]) => unknown;
  try {
    compiled = compileFunction(code, ["exports", "require", "module", "__filename", "__dirname"], {
      filename: file ?? name,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }) as typeof compiled;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const module = { exports: {} as unknown };
  const path = file ?? `/${name}`;
  compiled.call(module.exports, module.exports, createRequire(path), module, path, dirname(path));
  return module;
};

/** An ES module: from its file, so that it may import what lies beside it; else from its text, and then it stands alone. */
const loadModule = (code: string, { file }: ScriptData): Promise<unknown> =>
  import(
    file === undefined
      ? `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`
      : pathToFileURL(file).href
  );

/** An ES module's mistake in grammar, with its line: the error itself does not say where, Node's own check does. */
const withLine = (error: unknown, code: string, name: string): unknown => {
  if (!(error instanceof SyntaxError)) return error;
  const check = spawnSync(process.execPath, ["--check", "--input-type=module", "-"], {
    input: code,
    encoding: "utf8",
    timeout: 2_000,
  });
  const line = /^\[stdin\]:(\d+)$/m.exec(check.stderr)?.[1];
  return line === undefined ? error : new SyntaxError(`${error.message} (${name}, line ${line})`);
};

/** @throws whatever is wrong with it */
export const loadScript = async (data: ScriptData): Promise<RuleScript> => {
  const isTypeScript = /\.m?ts$/.test(data.name);
  const code = isTypeScript ? stripTypeScriptTypes(data.text) : data.text;
  const isModule = /\.m[jt]s$/.test(data.name);
  const commonJs = isModule ? undefined : loadCommonJs(code, data);
  const exported =
    commonJs?.exports ??
    (await loadModule(code, data).catch((error: unknown) => {
      throw withLine(error, code, data.name);
    }));
  const found = functionIn(exported);
  if (found === undefined)
    throw new TypeError(
      "it exports no function; write `export default (request, config) => …`, or `module.exports = …`",
    );
  return found;
};
