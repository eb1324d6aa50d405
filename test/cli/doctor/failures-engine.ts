/** Failures of what concerns the engine: for each check of it the cases in which it finds something. */
import { chmodSync } from "node:fs";
import { createServer as createSocket } from "node:net";
import { expect } from "vitest";
import { labels } from "../../../src/shared/container-layout.ts";
import { patientOf } from "../../support/doctor.ts";
import { at, ends, type Failure, own, withEngine, withoutEngine } from "./world.ts";

const runtimeDocker = "server: { port: 0 }\nstack: { runtime: docker }\n";
const lacksPlugin = (name: string): string =>
  `if [ "$1" = ${name} ]; then echo "docker: '${name}' is not a docker command." >&2; exit 1; fi; echo v1`;
const leftover = (state: string, workspace: string): Record<string, unknown> => ({
  Id: state,
  Names: [`/${state}-one`],
  State: state,
  Status: state,
  Image: "x",
  Created: 1,
  Ports: [],
  Labels: {
    [labels.project]: "doctor-test",
    [labels.service]: "fused-router",
    [labels.workspace]: workspace,
  },
});

const engineLess = (
  what: string,
  words: RegExp,
  host: () => string | Promise<string>,
  yaml = runtimeDocker,
): Failure => ({
  what,
  make: async () => {
    const over = await withoutEngine(await host());
    return () => patientOf(own, over, yaml);
  },
  state: yaml === runtimeDocker ? "bad" : "note",
  words,
});

const plugin = (what: string, words: RegExp, tools: Record<string, string>): Failure => ({
  what,
  make: async () => {
    const over = await withEngine({}, tools);
    return () => patientOf(own, over);
  },
  state: "bad",
  words,
});

const image = (
  what: string,
  state: Failure["state"],
  words: RegExp,
  more: { online?: boolean; registry?: string; tools?: Record<string, string>; named?: string } = {},
): Failure => ({
  what,
  make: async () => {
    const { registry, tools, online = false, named } = more;
    const over = await withEngine({ ...(registry !== undefined && { registry }) }, tools);
    const env = { ...over.env, ...(named !== undefined && { SWITCHYARD_BASE: named }) };
    return () => patientOf(own, { ...over, env, online });
  },
  state,
  words,
});

const disk = (what: string, state: Failure["state"], free: number, words: RegExp): Failure => ({
  what,
  make: async () => {
    const over = await withEngine({ folder: own.home });
    return () => patientOf(own, { ...over, freeBytes: (folder) => (folder === own.home ? free : 1e12) });
  },
  state,
  words,
});

export const engineFailures: Record<string, Failure[]> = {
  disk: [
    disk("a disk that is nearly full", "note", 600 * 1024 * 1024, /600 MB are free for the engine's images/),
    disk("a disk that is full", "bad", 5 * 1024 * 1024, /5 MB are free for the engine's images/),
  ],
  engine: [
    engineLess(
      "no engine, where shells may run on the host",
      /not there/,
      () => `unix://${at("none.sock")}`,
      "{}\n",
    ),
    engineLess(
      "no engine, where the configuration wants one",
      /not there/,
      () => `unix://${at("none.sock")}`,
    ),
    engineLess("an engine that hangs", /no answer within 5 s/, async () => {
      const server = createSocket(() => undefined);
      await new Promise<void>((done) => void server.listen(at("hangs.sock"), done));
      ends.push(() => server.close());
      return `unix://${at("hangs.sock")}`;
    }),
    {
      what: "a socket that this user may not open",
      make: async () => {
        const server = createSocket().listen(at("closed.sock"));
        await new Promise((done) => server.once("listening", done));
        ends.push(() => server.close());
        chmodSync(at("closed.sock"), 0);
        // For root no file is closed: it asks as somebody else.
        const isRoot = process.getuid?.() === 0;
        if (isRoot) process.seteuid?.(65_534);
        const over = await withoutEngine(`unix://${at("closed.sock")}`).finally(() => {
          if (isRoot) process.seteuid?.(0);
        });
        return () => patientOf(own, over, runtimeDocker);
      },
      state: "bad",
      words: /permission denied \(is your user in the group docker\?\)/,
    },
  ],
  compose: [
    plugin("no client of Docker's", /`docker` command is not installed/, {}),
    plugin("no compose plugin", /docker compose does not run: .*not a docker command/, {
      docker: lacksPlugin("compose"),
    }),
    plugin("no buildx plugin", /docker buildx does not run: .*not a docker command/, {
      docker: lacksPlugin("buildx"),
    }),
  ],
  base: [
    image("no base image yet", "note", /is not there yet/),
    image("a base of one's own that is not there", "bad", /no image mine:1 \(SWITCHYARD_BASE\)/, {
      named: "mine:1",
    }),
    image(
      "no registry that answers, with what makes a base from packages",
      "note",
      /cannot be pulled .*no such host/,
      {
        online: true,
        registry: "dial tcp: lookup registry.test: no such host",
        tools: { debootstrap: "", npm: "" },
      },
    ),
    image(
      "no registry that answers, and nothing to make a base with",
      "bad",
      /none can be made here: debootstrap, npm missing/,
      {
        online: true,
        registry: "dial tcp: lookup registry.test: no such host",
      },
    ),
  ],
  leftovers: [
    {
      what: "a container that is dead",
      make: async () => {
        const containers = [leftover("dead", own.workspace), leftover("running", own.workspace)];
        const over = await withEngine({ containers });
        ends.push(() => expect(containers.map(({ Id }) => Id)).toEqual(["running"]));
        return () => patientOf(own, over);
      },
      state: "note",
      words: /the container dead-one is dead$/,
      fixed: () => true,
    },
    {
      what: "a container whose workspace is gone",
      make: async () => {
        const over = await withEngine({ containers: [leftover("exited", at("gone"))] });
        return () => patientOf(own, over);
      },
      state: "note",
      words: /exited, and its workspace .*gone is gone/,
      fixed: () => true,
    },
  ],
};
