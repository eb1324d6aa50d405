/**
 * A new user's path with an engine, in a terminal: the README's commands from the clone to Claude Code's first answer in a container, by a provider
 * that takes one key. What was typed, what was asked and how long it took is printed with FIGURES=1; docs/getting-started.md has those figures.
 */
import { readFileSync, realpathSync } from "node:fs";
import { connect as connectTo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findContainers, removeProject } from "../../../src/engine/containers.ts";
import { labels } from "../../../src/shared/container-layout.ts";
import { projectName } from "../../../src/shared/paths.ts";
import { leadPresetsTo } from "../../support/checkout.ts";
import { startRefusingProvider } from "../../support/provider/refusing.ts";
import type { ScriptedProvider } from "../../support/provider/server.ts";
import { project, type Project, root } from "../support/project.ts";
import { openTerminal, type Terminal } from "../support/tmux.ts";
import { describeWithEngine } from "./engine.ts";

/** This machine's address on a bridge. An engine that has just made its bridge may name the net alone: the address is the net's first then. */
const addressOn = (
  net: { Gateway?: string | undefined; Subnet?: string | undefined } | undefined,
): string | undefined => net?.Gateway ?? net?.Subnet?.replace(/\.0\/\d+$/, ".1");

describeWithEngine("a new user", (engine) => {
  let own: Project;
  let provider: ScriptedProvider;
  /** The provider's port on the engine's bridge: there a container finds this machine's servers. */
  let gateway: Server;
  let throughGateway: number;
  let terminal: Terminal;
  let clone: string;

  beforeEach(async () => {
    own = project("");
    clone = join(realpathSync(own.folder), "switchyard");
    provider = await startRefusingProvider("the first answer");
    throughGateway = 0;
    const port = Number(new URL(provider.url).port);
    const { IPAM } = await engine.docker.getNetwork("bridge").inspect();
    gateway = createServer((socket) => {
      throughGateway += 1;
      const there = connectTo(port, "127.0.0.1");
      socket.pipe(there).pipe(socket);
      for (const each of [socket, there]) each.on("error", () => undefined);
    });
    await new Promise<void>((done, fail) =>
      gateway.once("error", fail).listen(port, addressOn(IPAM?.Config?.[0]), done),
    );
    // As a user's: everything where it usually lies.
    const { SWITCHYARD_STATE_DIR: _state, XDG_CONFIG_HOME: _config, ...env } = own.env;
    terminal = openTerminal("bash --norc", { env: { ...env, PS1: "$ " }, cwd: own.folder });
  });
  afterEach(async () => {
    terminal.close();
    gateway.close();
    await provider.close();
    await removeProject(engine, projectName("", clone), { volumes: true, images: false });
    own.remove();
  });

  it(
    "has the first answer in a container after three lines, two questions and a key",
    { timeout: 1_200_000 },
    async () => {
      const began = Date.now();
      const figures: string[] = [];
      let [typed, asked] = [0, 0];
      const types = async (line: string): Promise<void> => {
        typed += 1;
        await terminal.line(line);
      };
      const asks = async (question: string, patience?: number): Promise<void> => {
        await terminal.shows(question, patience);
        asked += 1;
      };
      const note = (what: string): void =>
        void figures.push(`${what} after ${(Date.now() - began) / 1_000} s`);

      await types(`git clone -q ${root} switchyard && cd switchyard; echo cloned=$?`);
      await terminal.shows("cloned=0");
      note("cloned");
      leadPresetsTo(provider.url, join(clone, "config/providers.yaml"));

      await types("npm ci && bin/switchyard init");
      await asks("What do you use today?", 600_000);
      note("installed");
      terminal.key("Enter");
      await asks("Which keys do you have?");
      // The fifth of the list is GLM.
      for (const key of ["Down", "Down", "Down", "Down", "Space", "Enter"]) terminal.key(key);
      await asks("ZAI_API_KEY:");
      await terminal.line("right-zai-key-1");
      await terminal.shows("Next:");
      expect(terminal.screen()).toContain("1 of 1 providers answer");
      note("configured");
      expect(throughGateway).toBe(0);

      await types(`make shell-router CMD='claude -p "say hi"'; echo status=$?`);
      await terminal.shows(/^the first answer\n[\s\S]*^status=0$/m, 900_000);
      note("first answer");
      const screen = terminal.screen();
      expect(screen).not.toContain("on the host");
      // Nothing is installed a second time.
      expect(screen).not.toContain("installing the dependencies");
      expect({ typed, asked }).toEqual({ typed: 3, asked: 3 });

      await types(`make shell-router CMD='claude -p "say hi"'; echo again=$?`);
      await terminal.shows("again=0", 300_000);
      note("second answer");

      const { length } = await findContainers(engine, { [labels.project]: projectName("", clone) });
      expect(length).toBeGreaterThan(0);
      expect(throughGateway).toBeGreaterThan(0);
      const last = provider.requests.at(-1);
      expect(last?.body.model).toBe("glm-5.1");
      expect(JSON.stringify(last?.headers)).toContain("right-zai-key-1");
      expect(terminal.screen()).not.toContain("right-zai-key-1");
      expect(readFileSync(join(own.home, ".config/switchyard/keys.env"), "utf8")).toBe(
        "ZAI_API_KEY=right-zai-key-1\n",
      );
      if (process.env["FIGURES"] === "1") process.stdout.write(`${figures.join("\n")}\n`);
    },
  );
});
