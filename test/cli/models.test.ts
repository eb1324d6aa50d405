/** `switchyard models`: prices of the configuration, and from a list. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchList } from "../../src/cli/fetch-list.ts";
import { type Finished, root, sandbox, type Sandbox } from "../support/cli.ts";

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
    writeFileSync(
      file,
      'routes: { think: "openrouter,nobody/knows" }\nprofiles: { blue: { models: { opus: "openrouter,own/blue" } } }\n',
    );
    const { status, stdout } = await own.run(["models", "--config", file]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^MODEL +WINDOW +INPUT/);
    expect(stdout).toMatch(
      /^openrouter,x-ai\/grok-4\.1-fast +2000000 +0\.2 +0\.5 +0\.05 .*config\/models\.yaml +routes\.default/m,
    );
    expect(stdout).toMatch(/^openrouter,nobody\/knows +unknown +unknown +unknown +routes\.think$/m);
    expect(stdout).toMatch(
      /^openrouter,own\/blue +unknown +unknown +unknown +profiles\.blue\.models\.opus$/m,
    );
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
      where: expect.arrayContaining(["routes.default"]),
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

  describe("behind a proxy", () => {
    const asked: string[] = [];
    let answer: (response: ServerResponse) => void;
    const proxy = createServer((request, response) => {
      asked.push(request.url ?? "");
      answer(response);
    });
    // Node asks for a tunnel also to what is not encrypted, undici does not: both are a proxy's business.
    proxy.on("connect", (request: IncomingMessage, socket: Socket) => {
      asked.push(request.url ?? "");
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      proxy.emit("connection", socket);
    });
    let env: Record<string, string>;
    beforeAll(async () => {
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      env = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: "" };
    });
    afterAll(() => proxy.close());
    const update = (from: string, more: Record<string, string> = {}): Promise<Finished> =>
      own.run(["models", "update", from], { env: { ...env, ...more } });

    it("takes the list by it, but what is on this machine, or in NO_PROXY, without", async () => {
      answer = (response) => void response.end(list.replace("0.3", "0.7"));
      const { status, stderr } = await update("http://prices.example/api.json");
      expect([status, stderr]).toEqual([0, expect.stringContaining("1 prices of 1 providers")]);
      expect(asked.join()).toContain("prices.example");
      expect(kept()).toContain('"input":0.7');

      asked.length = 0;
      const near = createServer((_request, response) => response.end(list.replace("0.3", "0.8")));
      await new Promise<void>((resolve) => near.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(near.address() as AddressInfo).port}/api.json`;
      expect((await update(url)).status).toBe(0);
      near.close();
      expect(kept()).toContain('"input":0.8');
      const missing = await update("http://nowhere.invalid/api.json", { NO_PROXY: ".invalid" });
      expect(missing.status).toBe(2);
      expect(asked).toEqual([]);
    }, 60_000);

    it.each([
      [403, "(status 403, by the proxy of HTTP_PROXY"],
      [407, "(it was refused, maybe for want of a password, by the proxy of HTTP_PROXY"],
    ])("says what the proxy answered, and that there is one: %i", async (code, why) => {
      answer = (response) => void response.writeHead(code).end();
      const { status, stderr } = await update("http://prices.example/api.json?token=secret-token");
      expect(status).toBe(2);
      expect(stderr).toContain(`http://prices.example/api.json cannot be read ${why}`);
      expect(stderr).not.toContain("secret-token");
    });
  });

  it("a list that does not come, or does not end, is given up", async () => {
    const slow = createServer((_request, response) => response.write("{"));
    const endless = createServer((_request, response) => {
      const more = (): void => void response.write("x".repeat(100_000), () => setImmediate(more));
      response.on("error", () => undefined);
      more();
    });
    for (const [server, why] of [
      [slow, "it was not there after 0.3 s"],
      [endless, "it is larger than 1 MB"],
    ] as const) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api.json`;
      const limits = { patience: why.includes("larger") ? 20_000 : 300, largest: 1024 * 1024 };
      await expect(fetchList(url, {}, limits)).rejects.toMatchObject({
        detail: expect.stringContaining(why),
      });
      server.closeAllConnections();
      server.close();
    }
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
