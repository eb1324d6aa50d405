/** `switchyard models`: prices of the configuration, and from a list. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, sandbox, type Sandbox } from "../support/cli.ts";

let own: Sandbox;
beforeAll(() => {
  own = sandbox();
});
afterAll(() => own.remove());

const list = JSON.stringify({
  openrouter: { models: { "x-ai/grok-4.1-fast": { cost: { input: 0.3, output: 0.6, cache_read: 0.01 } } } },
});
const kept = (): string => readFileSync(join(own.home, ".config", "switchyard", "prices.json"), "utf8");

describe("switchyard models", () => {
  it("lists the models of the configuration with their prices, and unknown ones as unknown", async () => {
    const file = join(own.home, "own.yaml");
    writeFileSync(file, 'routes: { think: "openrouter,nobody/knows" }\n');
    const { status, stdout } = await own.run(["models", "--config", file]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^MODEL +WINDOW +INPUT/);
    expect(stdout).toMatch(
      /^openrouter,x-ai\/grok-4\.1-fast +2000000 +0\.2 +0\.5 +0\.05 .*config\/models\.yaml$/m,
    );
    expect(stdout).toMatch(/^openrouter,nobody\/knows +unknown +unknown +unknown$/m);
    expect(stdout).not.toContain("demo");
  });

  it("takes prices from a file, keeps them for the user, and lists them as such", async () => {
    const file = join(own.home, "list.json");
    writeFileSync(file, list);
    const updated = await own.run(["models", "update", file]);
    expect(updated).toMatchObject({ status: 0, stdout: "" });
    expect(updated.stderr).toMatch(/1 prices of 1 providers \(form of models\.dev\)/);
    const listed = await own.run(["models", "list", "--json"]);
    expect(JSON.parse(listed.stdout)).toContainEqual({
      target: "openrouter,x-ai/grok-4.1-fast",
      context: 2_000_000,
      price: { input: 0.3, output: 0.6, cacheRead: 0.01 },
      from: expect.stringMatching(/^price list of \d{4}-\d\d-\d\d$/),
    });
  });

  it("takes them from a URL, whose password and query are not kept", async () => {
    const server = createServer((_request, response) => response.end(list.replace("0.3", "0.4")));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { status } = await own.run([
      "models",
      "update",
      `http://127.0.0.1:${port}/api.json?token=secret-token`,
    ]);
    server.close();
    expect(status).toBe(0);
    expect(kept()).toContain('"input":0.4');
    expect(kept()).not.toContain("secret-token");
  });

  it.each([
    ["/nonexistent.json", /cannot be read \(ENOENT\)/],
    ["http://127.0.0.1:2/api.json", /cannot be read \(ECONNREFUSED\)/],
    [join(root, "package.json"), /is no price list of a known form/],
  ])("%s is refused, and what was there stays", async (from, message) => {
    const before = kept();
    const { status, stderr } = await own.run(["models", "update", from]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(kept()).toBe(before);
  });
});
