/** Who listens on a port: what the system's own tables say, and processes of this machine. */
import { type AddressInfo, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/connect.ts";
import { commandOf, lsofListeners, socketsOf } from "../../src/engine/listeners.ts";
import { collides, freePort, portOwner } from "../../src/engine/ports.ts";

interface Container {
  Id: string;
  Names: string[];
  Image: string;
  Labels: Record<string, string>;
  Ports: { IP?: string; PublicPort?: number; PrivatePort: number; Type: string }[];
}

/** An engine that has these containers. */
const engineWith = (containers: Container[], host = "unix:///run/test.sock"): Engine =>
  ({
    address: { host, from: "test" },
    docker: { listContainers: () => Promise.resolve(containers) },
  }) as unknown as Engine;

const container = (labels: Record<string, string>, port: number, ip = "127.0.0.1"): Container => ({
  Id: "abc",
  Names: ["/web-1"],
  Image: "nginx:1",
  Labels: labels,
  Ports: [{ IP: ip, PublicPort: port, PrivatePort: 80, Type: "tcp" }],
});

describe("the system's tables", () => {
  const line = (local: string, state: string, inode: number): string =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000000000000000 100 0 0 10 0`;
  const head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

  it("listening sockets of a port are read with address, user and inode", () => {
    const text = [
      head,
      line("0100007F:0BB8", "0A", 11),
      line("00000000:0BB8", "0A", 12),
      line("0100007F:0BB9", "0A", 13),
    ].join("\n");
    expect(socketsOf(`${text}\n`, 3000)).toEqual([
      { address: "127.0.0.1", uid: 1000, inode: "11" },
      { address: "0.0.0.0", uid: 1000, inode: "12" },
    ]);
  });

  it("connections are not listeners", () => {
    expect(
      socketsOf([head, line("0100007F:0BB8", "01", 11), line("0100007F:0BB8", "06", 0)].join("\n"), 3000),
    ).toEqual([]);
  });

  it.each([
    ["00000000000000000000000000000000", "::"],
    ["00000000000000000000000001000000", "::1"],
    ["0000000000000000FFFF00000100007F", "127.0.0.1"],
    ["B80D0120000000000000000001000000", "2001:db8:0:0:0:0:0:1"],
  ])("the IPv6 address %s is %s", (hex, address) => {
    expect(socketsOf(line(`${hex}:0BB8`, "0A", 1), 3000).map((each) => each.address)).toEqual([address]);
  });

  it("lsof's lines are read for each process and address", () => {
    expect(
      lsofListeners("p81\ncnode\nf19\nn127.0.0.1:3000\nf20\nn[::1]:3000\np90\ncnginx\nf6\nn*:3000\n"),
    ).toEqual([
      { address: "127.0.0.1", pid: 81, command: "node" },
      { address: "::1", pid: 81, command: "node" },
      { address: "0.0.0.0", pid: 90, command: "nginx" },
    ]);
  });

  it.each([
    ["/usr/bin/node\0--enable-source-maps\0/srv/app/server.js\0--key=abc\0", "node server.js"],
    ["python3\0-m\0http.server\0", "python3"],
    ["./serve\0--token\0abc\0", "serve"],
    ["nginx: master process /usr/sbin/nginx", "nginx"],
  ])("of a command line only program and script are shown: %j", (line, shown) => {
    expect(commandOf(line)).toBe(shown);
  });

  it.each([
    ["127.0.0.1", "127.0.0.1", true],
    ["0.0.0.0", "127.0.0.1", true],
    ["::", "127.0.0.1", true],
    ["::1", "127.0.0.1", false],
    ["127.0.0.2", "127.0.0.1", false],
    ["127.0.0.1", "0.0.0.0", true],
    ["::1", "0.0.0.0", false],
    ["::1", "::1", true],
    ["127.0.0.1", "::1", false],
  ])("a listener on %s keeps another from %s: %s", (address, host, expected) => {
    expect(collides(address, host)).toBe(expected);
  });
});

/** A machine may have IPv4 alone. */
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);
const usable = <T extends { host: string }>(hosts: T[]): T[] =>
  hosts.filter(({ host }) => hasIpv6 || !host.includes(":"));

describe("who holds a port", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  const listening = (options: { host: string; ipv6Only?: boolean }): Promise<number> =>
    new Promise((resolve, reject) => {
      const server = createServer();
      servers.push(server);
      server.once("error", reject);
      server.listen({ port: 0, ...options }, () => resolve((server.address() as AddressInfo).port));
    });
  const ask = (engine: Engine, port: number): Promise<string | undefined> =>
    portOwner(engine, port, { project: "mine" }).then((found) => found?.owner);

  it("nobody, where it is free", async () => {
    expect(await ask(engineWith([]), await freePort())).toBeUndefined();
  });

  it.each(usable([{ host: "127.0.0.1" }, { host: "0.0.0.0" }, { host: "::" }]))(
    "a process that listens on $host, by its number and program",
    async (options) => {
      expect(await ask(engineWith([]), await listening(options))).toMatch(
        new RegExp(`^the process ${process.pid} \\(`),
      );
    },
  );

  it.each(usable([{ host: "::1" }, { host: "::", ipv6Only: true }, { host: "127.0.0.2" }]))(
    "nobody, where a process listens beside it: %j",
    async (options) => {
      expect(await ask(engineWith([]), await listening(options))).toBeUndefined();
    },
  );

  it.each(usable([{ host: "::" }]))(
    "nobody on $host, where a process listens on IPv4: an engine keeps them apart",
    async ({ host }) => {
      const port = await listening({ host: "127.0.0.1" });
      expect(await portOwner(engineWith([]), port, { host, project: "mine" })).toBeUndefined();
    },
  );

  it.each([
    ["a container", {}, "the container 'web-1' (image nginx:1)"],
    [
      "a container of another compose project",
      { "com.docker.compose.project": "shop" },
      "the container 'web-1' (image nginx:1, compose project 'shop')",
    ],
    [
      "another Switchyard project",
      {
        "io.switchyard.project": "other",
        "io.switchyard.workspace": "/home/u/work",
        "com.docker.compose.project": "other",
        "com.docker.compose.project.working_dir": "/home/u/switchyard",
      },
      "the Switchyard project 'other' (container web-1, checkout /home/u/switchyard, workspace /home/u/work)",
    ],
    [
      "a shell of this project, which `up` would not replace",
      { "io.switchyard.project": "mine", "com.docker.compose.project": "mine-0a1b2c" },
      "a shell of this project (container web-1)",
    ],
    [
      "nobody, where it is this project's own stack",
      { "io.switchyard.project": "mine", "com.docker.compose.project": "mine" },
      undefined,
    ],
  ])("%s", async (_, labels, owner) => {
    const port = await freePort();
    expect(await ask(engineWith([container(labels, port)]), port)).toBe(owner);
    expect(await ask(engineWith([container(labels, port, "0.0.0.0")]), port)).toBe(owner);
  });

  it("a container beside it is none: another port, another address, IPv6", async () => {
    const port = await freePort();
    const beside = [container({}, port + 1), container({}, port, "127.0.0.2"), container({}, port, "::")];
    expect(await ask(engineWith(beside), port)).toBeUndefined();
  });

  it("the processes of this machine hold no port of an engine elsewhere", async () => {
    const port = await listening({ host: "127.0.0.1" });
    expect(await ask(engineWith([], "ssh://user@far"), port)).toBeUndefined();
    expect(await ask(engineWith([container({}, port)], "ssh://user@far"), port)).toContain("web-1");
  });
});
