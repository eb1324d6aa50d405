/** A router in the foreground: told to reload, told to end, and looked at with the commands for it. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { finished, sandbox, until, untilPrinted, type Finished, type Sandbox } from "../support/cli.ts";
import { smallRequest } from "../support/router.ts";
import { configFor, heldProvider, type HeldProvider } from "../router/reload/held.ts";

let own: Sandbox;
let up: HeldProvider;
let started: ChildProcess[];
beforeEach(async () => {
  own = sandbox();
  up = await heldProvider();
  started = [];
});
afterEach(async () => {
  for (const child of started) child.kill("SIGKILL");
  await up.close();
  own.remove();
});

const file = (): string => join(own.folder, "mine.yaml");
const write = (yaml: string): void => {
  // As an editor saves: another file in the place of the old one.
  writeFileSync(`${file()}.new`, yaml);
  renameSync(`${file()}.new`, file());
};
const serve = async (
  yaml: string,
  args: string[] = [],
): Promise<{ child: ChildProcess; url: string; end: Promise<Finished> }> => {
  write(yaml);
  const child = own.start(["router", "--config", file(), "--port", "0", ...args]);
  started.push(child);
  const end = finished(child);
  const [, url] = await untilPrinted(child, "stdout", /^listening on (\S+)$/m);
  return { child, url: url!, end };
};
const targetOf = async (url: string): Promise<string | null> =>
  (await ask(url, false)).headers.get("x-switchyard-target");
const ask = (url: string, stream: boolean): Promise<Response> =>
  fetch(`${url}/v1/messages`, { method: "POST", body: JSON.stringify({ ...smallRequest, stream }) });
const demo = (model: string, more = ""): string => `routes: { default: ["demo,${model}"] }\n${more}`;

describe("`switchyard status` finds a router on a port of its own", () => {
  it.each([
    ["while its configuration has an error", 'routes: { default: "demo,one" }\nnonsense: 1\n', "nonsense"],
    ["while its configuration is no YAML", "routes: {\n", "not valid YAML"],
  ])("%s, and says why that is not in force", async (_what, broken, why) => {
    const { url } = await serve(demo("one"));
    write(broken);
    await until(async () => (await (await fetch(`${url}/health`)).text()).includes("stale"), "the refusal");
    const { status, stdout } = await own.run(["status", "--config", file()]);
    expect(status).toBe(0);
    expect(stdout).toContain(`${url.replace("http://", "")}: serving`);
    expect(stdout).toContain(why);
  });

  it("until it has ended", async () => {
    const { child, end } = await serve(demo("one"));
    child.kill("SIGTERM");
    await end;
    expect((await own.run(["status", "--config", file()])).stdout).toContain("nothing runs");
  });
});

describe("`switchyard router`", () => {
  it("takes a file that was replaced, or made, by itself, and any file on SIGHUP", async () => {
    const { child, url } = await serve(demo("one"));
    expect(await targetOf(url)).toBe("demo,one");
    write(demo("two"));
    await until(async () => (await targetOf(url)) === "demo,two", "the new route");
    // keys.env was not there when the router started.
    write(
      `providers: { late: { dialect: openai-chat, baseUrl: "${up.url}/v1", keys: ["\${LATE_KEY}"] } }\nroutes: { default: ["late,m", "demo,three"] }\n`,
    );
    await until(async () => (await targetOf(url)) === "demo,three", "the route without a key");
    const folder = join(own.home, ".config", "switchyard");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "keys.env"), "LATE_KEY=sk-late-0001\n", { mode: 0o600 });
    const health = async (): Promise<string> => (await fetch(`${url}/health`)).text();
    child.kill("SIGHUP");
    await until(async () => /"late":\{"enabled":true/.test(await health()), "the key that came");
  });

  it("lives with a damaged file of client keys: it says so, and asks everybody for a key", async () => {
    const folder = join(own.state, "router");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "client-keys.json"), "{ half", { mode: 0o600 });
    const { child, url, end } = await serve(demo("one"));
    expect((await ask(url, false)).status).toBe(401);
    child.kill("SIGTERM");
    const { status, stderr } = await end;
    expect(status).toBe(0);
    expect(stderr).toContain("is no file of client keys");
  });

  it("takes a changed script of rules by itself, and keeps the one before a broken one", async () => {
    const script = join(own.folder, "rules.js");
    writeFileSync(script, 'module.exports = () => "demo,first";\n');
    const { url, child } = await serve(demo("usual", "rulesScript: ./rules.js\n"));
    expect(await targetOf(url)).toBe("demo,first");
    const refused = untilPrinted(child, "stderr", /the configuration was not reloaded.*rules\.js/);
    writeFileSync(script, "module.exports = () => {\n");
    await refused;
    expect(await targetOf(url)).toBe("demo,first");
    writeFileSync(script, 'module.exports = () => "demo,second";\n');
    await until(async () => (await targetOf(url)) === "demo,second", "the new script");
  });

  it("SIGTERM lets the stream under way finish and ends with 0; a second signal ends at once", async () => {
    const first = await serve(configFor(up.url));
    const open = await ask(first.url, true);
    first.child.kill("SIGTERM");
    await until(async () => (await fetch(`${first.url}/ready`)).status === 503, "the drain");
    up.finish();
    expect(await open.text()).toContain("message_stop");
    expect(await first.end).toMatchObject({ status: 0 });

    const second = await serve(configFor(up.url));
    const cut = await ask(second.url, true);
    const read = cut.text().catch(() => "broken");
    second.child.kill("SIGTERM");
    await until(async () => (await fetch(`${second.url}/ready`)).status === 503, "the drain");
    second.child.kill("SIGTERM");
    expect(await second.end).toMatchObject({ status: 143 });
    await read;
  });

  it("new keys on a further line of stdin take the place of the old ones", async () => {
    const yaml = `providers: { late: { dialect: openai-chat, baseUrl: "${up.url}/v1", keys: ["\${LATE_KEY}"] } }\nroutes: { default: ["late,m", "demo,x"] }\n`;
    write(yaml);
    const child = own.start(["router", "--config", file(), "--port", "0", "--keys-stdin"]);
    started.push(child);
    const end = finished(child);
    child.stdin!.write("{}\n");
    const [, url] = await untilPrinted(child, "stdout", /^listening on (\S+)$/m);
    expect(await targetOf(url!)).toBe("demo,x");
    child.stdin!.write('{"LATE_KEY": "sk-late-0002"}\n');
    const health = async (): Promise<string> => (await fetch(`${url!}/health`)).text();
    await until(async () => /"late":\{"enabled":true/.test(await health()), "the new key");
    child.kill("SIGTERM");
    const { status, stderr } = await end;
    expect(status).toBe(0);
    expect(stderr).not.toContain("sk-late-0002");
  });
});

describe("the commands for a router that runs", () => {
  it("reload, status and cooldown clear reach the one at the configured address, and need it to be there", async () => {
    const none = await own.run(["reload"]);
    expect(none.status).toBe(1);
    expect(none.stderr).toContain("No router of this project runs");

    const rests = `failures: { tries: 1, breakAfter: 1, rest: { first: 30m, longest: 60m } }`;
    const { url } = await serve(
      `providers: { dead: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [], ${rests} } }\nroutes: { default: ["dead,m"] }\n`,
    );
    const port = Number(new URL(url).port);
    // The commands read the configuration, and find the router where it says.
    write(
      `server: { port: ${port} }\nproviders: { dead: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [], ${rests} } }\nroutes: { default: ["dead,m"] }\n`,
    );
    const run = (...args: string[]): Promise<Finished> => own.run([...args, "--config", file()]);
    expect((await run("status")).stdout).toMatch(/router +127\.0\.0\.1:\d+: serving/);
    await ask(url, false);
    expect((await run("status")).stdout).toMatch(/dead.*: resting for 30 min, until .*\(unreachable\)/);
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({
      providers: { dead: { resting: 1 } },
    });
    expect((await run("cooldown", "clear", "nobody")).stderr).toContain("nobody");
    expect((await run("cooldown", "clear", "dead,m")).stdout).toMatch(/: [1-9]\d* cleared\n$/);
    expect((await run("status")).stdout).not.toContain("resting");
    expect((await run("reload")).stdout).toMatch(/127\.0\.0\.1:\d+: (reloaded|unchanged)\n/);

    write("routse: {}\n");
    const refused = await run("reload");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('unknown key "routse"');
  });

  it("status names the shell on the host, whose router takes a key that comes while it runs", async () => {
    write(
      `providers: { late: { dialect: openai-chat, baseUrl: "${up.url}/v1", keys: ["\${LATE_KEY}"] } }\nroutes: { default: ["late,m", "demo,x"] }\n`,
    );
    own.program("claude", "#!/bin/sh\necho '2.1.329 (Claude Code)'\n");
    const folder = join(own.home, ".config", "switchyard");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const script =
      'echo up; for i in $(seq 200); do curl -s $ANTHROPIC_BASE_URL/health | grep -q "\\"late\\":{\\"enabled\\":true" && echo has the key && exit 0; sleep 0.1; done; exit 1';
    const child = own.start(["shell", "router", "--runtime", "host", "--config", file(), "--", script]);
    started.push(child);
    const end = finished(child);
    await untilPrinted(child, "stdout", /^up$/m);
    expect((await own.run(["status", "--config", file()])).stdout).toMatch(/router +host shell \d+: serving/);
    writeFileSync(join(folder, "keys.env"), "LATE_KEY=sk-late-0003\n", { mode: 0o600 });
    expect(await end).toMatchObject({ status: 0, stdout: "up\nhas the key\n" });
  });
});
