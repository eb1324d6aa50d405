/** A user's project with a judged provider of every dialect, a search engine, and the real client behind the real router. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { fakeEngine, type FakeEngine, searchKeys, searchLine } from "../../support/search-engine.ts";
import { awkward, claudeScript } from "./claude-scripts.ts";
import { faultsOf, type JudgedProvider, judgedProvider, type KindName, kindNames, kinds } from "./judged.ts";
import { type Finished, project } from "./project.ts";

export interface StrictWorld {
  workspace: string;
  up: Readonly<Record<KindName, JudgedProvider>>;
  engine: FakeEngine;
  /** Writes the configuration; the next session has it. @param lines of `routes` */
  routes(lines: readonly string[]): void;
  /**
   * `claude -p PROMPT` in the fused shell on the host: a new client and a new router each time. Fails where a provider had anything to refuse, or
   * where the client does not end with `last`.
   */
  session(prompt: string, last: string, options?: { args?: string[]; input?: string }): Promise<void>;
  /** A file of the workspace. */
  file(name: string): string;
  close(): Promise<void>;
}

/** Lines of `routes` that lead everything to one target. @param target default: the dialect's own */
export const allTo = (name: KindName, target: string = kinds[name].target): string[] =>
  ["default", "background", "think"].map((route) => `${route}: "${target}"`);

/** The target of a dialect's provider with another model. */
export const targetOf = (name: KindName, model: string): string =>
  `${kinds[name].target.slice(0, kinds[name].target.indexOf(","))},${model}`;

/** @param scriptOf what the provider of a dialect says; default: the scripts that the user's words name */
export const strictWorld = async (
  scriptOf: (name: KindName) => typeof claudeScript = () => claudeScript,
): Promise<StrictWorld> => {
  const started = await Promise.all(
    kindNames.map(async (name) => [name, await judgedProvider(name, scriptOf(name))] as const),
  );
  const up = Object.fromEntries(started) as Record<KindName, JudgedProvider>;
  const engine = await fakeEngine("tavily");
  const own = project("");
  const { workspace } = own;
  writeFileSync(join(workspace, "notes.txt"), `${awkward}the end of the notes\n`);
  const where = ["--runtime", "host", "--config", own.config, "--workspace", workspace];
  const claude = (args: string[], input: string): Promise<Finished> =>
    own.switchyard(["shell", "router", ...where, "--", "claude", ...args], {
      input,
      env: { ...searchKeys, IS_SANDBOX: "1" },
      // The client is patient: where something hangs, its words and the router's are to be seen.
      timeout: 50_000,
    });
  const routerLog = (): string => {
    const file = join(own.folder, "state/logs/router.log");
    return existsSync(file) ? readFileSync(file, "utf8").slice(-2000) : "";
  };
  return {
    workspace,
    up,
    engine,
    routes(lines) {
      const providers = kindNames.map((name) => `  ${kinds[name].entry(up[name].url)}`);
      const routes = lines.map((line) => `  ${line}`);
      const text = ["providers:", ...providers, "routes:", ...routes, searchLine("tavily", engine.url)];
      writeFileSync(own.config, text.join("\n"));
    },
    async session(prompt, last, { args = [], input = "" } = {}) {
      const asked = ["-p", prompt, "--dangerously-skip-permissions", ...args];
      const { status, stdout, stderr } = await claude(asked, input);
      expect(faultsOf(Object.values(up))).toEqual([]);
      expect(stdout, `${stderr}\n${routerLog()}`).toBe(`${last}\n`);
      expect(status).toBe(0);
    },
    file: (name) => readFileSync(join(workspace, name), "utf8"),
    close: async () => {
      await engine.close();
      for (const [, provider] of started) await provider.close();
      own.remove();
    },
  };
};
