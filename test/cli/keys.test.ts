/** `switchyard keys` and `switchyard admin token`, and the routers that run meanwhile. */
import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sandbox, until, untilPrinted, type Sandbox } from "../support/cli.ts";
import { smallRequest } from "../support/router.ts";

let user: Sandbox;
beforeEach(() => void (user = sandbox()));
afterEach(() => user.remove());

const folder = (): string => join(user.state, "router");

/** A router that anybody on this machine may use, by a configuration of its own. */
const started = async (): Promise<{ config: string; router: ChildProcess; url: string }> => {
  const config = join(user.folder, "mine.yaml");
  writeFileSync(config, 'routes: { default: ["demo,echo"] }\n');
  const router = user.start(["router", "--config", config, "--port", "0"]);
  const [, url] = await untilPrinted(router, "stdout", /listening on (\S+)/);
  return { config, router, url: url! };
};

describe("switchyard keys", () => {
  it("makes none for a profile that there is not, and names the nearest", async () => {
    const { status, stdout, stderr } = await user.run(["keys", "create", "alice", "--profile", "gml"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain('gml. Did you mean "glm"?');
    expect((await user.run(["keys", "list", "--json"])).stdout).toBe("[]\n");
    expect((await user.run(["keys", "create", "alice", "--profile", "glm"])).status).toBe(0);
  });

  it("makes a key that a router takes which runs already, and ends it there", async () => {
    const { config, router, url } = await started();
    try {
      const ask = async (key?: string): Promise<number> => {
        const headers: Record<string, string> = key === undefined ? {} : { "x-api-key": key };
        const body = JSON.stringify(smallRequest);
        return (await fetch(`${url}/v1/messages`, { method: "POST", headers, body })).status;
      };
      expect(await ask()).toBe(200);
      const made = await user.run(["keys", "create", "alice", "--model", "demo,*", "--budget", "5/day"]);
      const key = made.stdout.trim();
      expect([made.status, key]).toEqual([0, expect.stringMatching(/^swk-[\w-]{43}$/)]);
      await until(async () => (await ask()) === 401, "a router that asks for a key");
      expect(await ask(key)).toBe(200);

      const listed = await user.run(["keys", "list"]);
      expect(listed.stdout).toMatch(/alice +….{4} +valid +demo,\*; 5 US dollars a day/);
      expect(listed.stdout).not.toContain(key);
      const json = JSON.parse((await user.run(["keys", "list", "--json"])).stdout) as object[];
      expect(json).toMatchObject([{ name: "alice", models: ["demo,*"], ending: key.slice(-4) }]);
      expect(json[0]).not.toHaveProperty("hash");

      expect((await user.run(["keys", "revoke", "alice"])).status).toBe(0);
      await until(async () => (await ask(key)) === 401, "a refused key");
      // The CLI of this machine needs no token.
      const port = new URL(url).port;
      writeFileSync(config, `server: { port: ${port} }\nroutes: { default: ["demo,echo"] }\n`);
      const status = await user.run(["status", "--config", config]);
      expect(status.stdout).toContain(`router      127.0.0.1:${port}: serving`);
      const token = (await user.run(["admin", "token"])).stdout.trim();
      await until(
        async () =>
          (await fetch(`${url}/api/keys`, { headers: { "x-switchyard-admin": token } })).status === 200,
        "an administrator's token that opens",
      );
    } finally {
      router.kill();
    }
  }, 60_000);

  it("opens a router to others than this machine, which refuses to start without one and says how", async () => {
    const config = join(user.folder, "mine.yaml");
    writeFileSync(config, 'server: { host: 0.0.0.0, port: 0 }\nroutes: { default: ["demo,echo"] }\n');
    const refused = await user.run(["router", "--config", config]);
    expect([refused.status, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("server.host: 0.0.0.0 is not loopback");
    expect(refused.stderr).toContain("switchyard keys create NAME");
    expect(refused.stderr).toContain("SWITCHYARD_CLIENT_KEY");

    const key = (await user.run(["keys", "create", "alice"])).stdout.trim();
    const router = user.start(["router", "--config", config]);
    try {
      const [, port] = await untilPrinted(router, "stdout", /listening on http:\/\/0\.0\.0\.0:(\d+)/);
      const ask = async (headers: Record<string, string>): Promise<number> => {
        const body = JSON.stringify(smallRequest);
        return (await fetch(`http://127.0.0.1:${port!}/v1/messages`, { method: "POST", headers, body }))
          .status;
      };
      expect([await ask({ "x-api-key": key }), await ask({})]).toEqual([200, 401]);
      // Without the file this machine alone would be served without a key, where nobody else comes.
      rmSync(join(folder(), "client-keys.json"));
      await until(async () => (await ask({ "x-api-key": key })) === 401, "a key that is gone");
      expect(await ask({})).toBe(401);
    } finally {
      router.kill();
    }
  });

  it("fifty that are made at once, by commands and on the dashboard of a router, are all there", async () => {
    const { router, url } = await started();
    try {
      const secret = readFileSync(join(folder(), "machine-secret"), "utf8").trim();
      const onDashboard = async (name: string): Promise<string> => {
        const answer = await fetch(`${url}/api/keys`, {
          method: "POST",
          headers: { "x-switchyard-admin": secret },
          body: JSON.stringify({ name }),
        });
        return ((await answer.json()) as { key: string }).key;
      };
      const byCommand = async (name: string): Promise<string> =>
        (await user.run(["keys", "create", name])).stdout.trim();
      const names = Array.from({ length: 50 }, (_, i) => `key-${i}`);
      const made = await Promise.all(
        names.map((name, i) => (i % 2 === 0 ? byCommand(name) : onDashboard(name))),
      );
      const { keys } = JSON.parse(readFileSync(join(folder(), "client-keys.json"), "utf8")) as {
        keys: { name: string; ending: string }[];
      };
      const byName = ([a]: readonly string[], [b]: readonly string[]): number => (a! < b! ? -1 : 1);
      expect(keys.map(({ name, ending }) => [name, ending]).toSorted(byName)).toEqual(
        names.map((name, i) => [name, made[i]!.slice(-4)]).toSorted(byName),
      );
      expect(readdirSync(folder()).filter((name) => name.startsWith("client-keys"))).toEqual([
        "client-keys.json",
      ]);
    } finally {
      router.kill();
    }
  }, 60_000);

  it("keeps hashes alone, in files for their owner", async () => {
    const key = (await user.run(["keys", "create", "alice"])).stdout.trim();
    const token = (await user.run(["admin", "token"])).stdout.trim();
    for (const name of ["client-keys.json", "admin.json"]) {
      const file = join(folder(), name);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, "utf8")).not.toContain(key.slice(4, 30));
      expect(readFileSync(file, "utf8")).not.toContain(token.slice(4, 30));
    }
  });

  it.each([
    [["create", "a b"], 1, "letters, digits"],
    [["create", "x", "--budget", "5"], 2, "5/day"],
    [["create", "x", "--expires", "soon"], 2, "as 30d, or a day"],
    [["create", "x", "--requests-per-minute", "0"], 2, "a whole number from 1"],
    [["rotate", "nobody"], 1, "There is no such client key: nobody"],
    [["revoke", "nobody"], 1, "There is no such client key: nobody"],
  ])("says what is wrong with %j", async (args, status, words) => {
    const done = await user.run(["keys", ...args]);
    expect([done.status, done.stderr]).toEqual([status, expect.stringContaining(words)]);
  });
});
