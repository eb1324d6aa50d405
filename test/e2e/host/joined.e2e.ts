/** Real clients on the host that share one router: one that was started by hand, or that of another session. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { untilPrinted } from "../../support/cli.ts";
import { type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { scenarioScript } from "../../support/provider/scenarios.ts";
import { askedOf, profilesConfig, scriptedKey } from "../support/on-profiles.ts";
import { type Finished, type Project, project, root } from "../support/project.ts";
import { spawn } from "node:child_process";
import { join } from "node:path";

/** Requests with such a word in them wait until it is let go. */
const gates = new Map<string, PromiseWithResolvers<void>>();
const gate = (word: string): PromiseWithResolvers<void> => {
  const made = Promise.withResolvers<void>();
  gates.set(word, made);
  return made;
};

let provider: ScriptedProvider;
let own: Project;
beforeAll(async () => {
  provider = await startProvider(async (request) => {
    for (const [word, { promise }] of gates) if (request.raw.includes(word)) await promise;
    return scenarioScript(request);
  });
  own = project(profilesConfig(provider.url, "server: { port: 0 }\n"));
});
afterAll(async () => {
  own.remove();
  await provider.close();
});

const env = { SCRIPTED_KEY: scriptedKey };
const claude = (profile: string, prompt: string): Promise<Finished> =>
  own.switchyard(
    [
      "claude",
      "--runtime",
      "host",
      "--config",
      own.config,
      "--profile",
      profile,
      "--",
      "-p",
      prompt,
      "--model",
      "sonnet",
    ],
    { env },
  );
const asked = async (count: number, since: number): Promise<void> => {
  for (const end = Date.now() + 60_000; askedOf(provider, since).length < count;) {
    if (Date.now() > end) throw new Error(`asked: ${askedOf(provider, since).join(" ")}`);
    await new Promise((done) => setTimeout(done, 50));
  }
};
const joined = /on the router of (.*), which runs already/;

describe("real clients share a router", () => {
  it("two sessions, each on its profile, on the one that was started by hand", async () => {
    const child = spawn(join(root, "bin/switchyard"), ["router", "--config", own.config], {
      env: { ...own.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.resume();
    const ended = new Promise((resolve) => child.once("close", resolve));
    try {
      const [, address] = await untilPrinted(child, "stdout", /listening on http:\/\/(\S+)/);
      const mark = provider.requests.length;
      const both = await Promise.all([claude("first", "SCRIPT:say"), claude("second", "SCRIPT:say")]);
      for (const { status, stdout, stderr } of both) {
        expect({ status, stdout }).toEqual({ status: 0, stdout: "Hello from the script.\n" });
        expect(joined.exec(stderr)?.[1]).toBe(address);
      }
      expect(askedOf(provider, mark).toSorted()).toEqual(["one,first-sonnet", "two,second-sonnet"]);
    } finally {
      child.kill("SIGTERM");
      await ended;
    }
  });

  it("a turn of the second is answered to its end although the first, whose router it is, has left meanwhile", async () => {
    const mark = provider.requests.length;
    const [one, two] = [gate("GATE-ONE"), gate("GATE-TWO")];
    const first = claude("first", "GATE-ONE SCRIPT:say");
    await asked(1, mark);
    const second = claude("second", "GATE-TWO SCRIPT:say");
    await asked(2, mark);
    one.resolve();
    await draining();
    two.resolve();
    const [a, b] = await Promise.all([first, second]);
    for (const { status, stdout } of [a, b])
      expect({ status, stdout }).toEqual({ status: 0, stdout: "Hello from the script.\n" });
    expect(a.stderr).not.toMatch(joined);
    expect(joined.exec(b.stderr)?.[1]).toMatch(/^host shell \d+$/);
    expect(askedOf(provider, mark)).toEqual(["one,first-sonnet", "two,second-sonnet"]);
  });
});

/** Waits until the first session's router takes no more turns. */
const draining = async (): Promise<void> => {
  for (let stdout = ""; !stdout.includes('"draining"');)
    ({ stdout } = await own.switchyard(["status", "--json", "--config", own.config], { env }));
};
