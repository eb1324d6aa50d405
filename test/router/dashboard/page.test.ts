import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readPageFiles } from "../../../src/router/dashboard/files.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { testRouter } from "../../support/router.ts";

closeAfterEach();

const yaml = "routes: { default: 'demo,echo' }\n";
const start = async () => closing(await testRouter(yaml));

const textOf = (body: Buffer): string => body.toString("utf8");

describe("the page's files", () => {
  const { index, assets } = readPageFiles();
  const texts = new Map([...assets].map(([path, { body }]) => [path, textOf(body)]));

  it("have no script and no style in the page itself, and nothing from elsewhere", () => {
    const page = textOf(index.body);
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bon\w+=|style=/i);
    for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g))
      expect(texts.has(address!)).toBe(true);
    for (const [path, text] of texts) {
      if (path.includes("/lib/")) continue;
      const elsewhere = [...text.matchAll(/https?:\/\/[^\s"'`)]+/g)].map(([address]) => address);
      expect([path, elsewhere.filter((address) => !address.startsWith("http://www.w3.org/"))]).toEqual([
        path,
        [],
      ]);
    }
  });

  it("import only what is served, by its path", () => {
    for (const [path, text] of texts) {
      for (const [, name] of text.matchAll(/(?:\bfrom\s*|\bimport\(?\s*)["']([^"']+)["']/g)) {
        expect(name).toMatch(/^\.\.?\//);
        expect(texts.has(new URL(name!, `http://x/${path}`).pathname.slice(1))).toBe(true);
      }
    }
  });

  it("never make markup out of text", () => {
    for (const [path, text] of texts)
      if (!path.includes("/lib/"))
        expect([
          path,
          /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/.test(text),
        ]).toEqual([path, false]);
  });

  it("are all of the folder", () => {
    const folder = resolve(import.meta.dirname, "../../../src/router/dashboard/page");
    const own = readdirSync(folder).filter((name) => name !== "index.html");
    expect([...texts.keys()].map((path) => path.split("/").slice(2).join("/"))).toEqual(
      expect.arrayContaining(own),
    );
  });
});

describe("GET /", () => {
  it("gives the page to whoever asks by a name of ours, under a policy that lets nothing else run", async () => {
    const router = await start();
    const page = await fetch(router.url);
    expect(page.status).toBe(200);
    const policy = page.headers.get("content-security-policy")!;
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
      "trusted-types 'none'",
    ])
      expect(policy).toContain(part);
    expect(policy).not.toContain("unsafe");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const again = await fetch(router.url, { headers: { "if-none-match": page.headers.get("etag")! } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect((await fetch(router.url, { method: "HEAD" })).status).toBe(200);
  });

  it("gives files that are kept for good, and nothing but them", async () => {
    const router = await start();
    const page = await (await fetch(router.url)).text();
    const [, script] = /src="(assets\/[^"]+app\.js)"/.exec(page)!;
    const file = await fetch(`${router.url}/${script}`);
    expect(file.headers.get("cache-control")).toContain("immutable");
    expect(file.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    const folder = script!.replace("app.js", "");
    for (const path of [
      `${folder}../../serve.ts`,
      `${folder}%2e%2e/files.ts`,
      "assets/app.js",
      `${folder}nothing.js`,
      "assets/",
    ])
      expect([path, (await fetch(`${router.url}/${path}`)).status]).toEqual([path, 404]);
  });
});

describe("what the page asks for", () => {
  it.each(["providers", "routes", "logs", "live", "state"])(
    "GET /api/%s is the administrator's alone",
    async (name) => {
      const router = await start();
      expect((await fetch(`${router.url}/api/${name}`)).status).toBe(401);
    },
  );

  it("GET /api/routes tells the rules in their order, with what cannot be used", async () => {
    const router = closing(
      await testRouter(
        `providers: { off: { dialect: openai-chat, baseUrl: "http://127.0.0.1:1", keys: ["\${UNSET:-}"] } }
routes: { default: ["off,m", "demo,echo"], longContext: { use: "demo,echo", threshold: 1000 } }
rules: [{ name: night, when: { model: "x*" }, use: "demo,echo" }]
`,
      ),
    );
    const answer = (await (await fetch(`${router.url}/api/routes`, { headers: router.admin })).json()) as {
      rules: { rule: string; targets: unknown[] }[];
    };
    expect(answer).toMatchObject({
      custom: [{ rule: "night", targets: [{ target: "demo,echo", unusable: null }] }],
    });
    expect(answer.rules.map(({ rule }) => rule).slice(0, 2)).toEqual(["explicit", "longContext"]);
    expect(answer.rules.at(-1)).toMatchObject({
      rule: "default",
      targets: [
        { target: "off,m", unusable: expect.any(String) },
        { target: "demo,echo", unusable: null },
      ],
    });
  });

  it("GET /api/logs tells the last lines, and those after a number", async () => {
    const router = await start();
    await router.ask();
    const get = async (query = "") =>
      (await (await fetch(`${router.url}/api/logs${query}`, { headers: router.admin })).json()) as {
        lines: { number: number; message: string; fields: Record<string, unknown> }[];
        last: number;
      };
    const first = await get();
    expect(first.lines.at(-1)).toMatchObject({ message: "turn", fields: { target: "demo,echo" } });
    expect((await get(`?after=${first.last}`)).lines).toEqual([]);
    await router.ask();
    expect((await get(`?after=${first.last}`)).lines).toHaveLength(1);
    expect((await fetch(`${router.url}/api/logs?after=x`, { headers: router.admin })).status).toBe(400);
  });

  it("GET /api/live tells of a turn while it runs, and ends at once where the router ends", async () => {
    const router = await start();
    const stream = await fetch(`${router.url}/api/live`, { headers: router.admin });
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    await router.ask({ model: "<script>alert(1)</script>", stream: true });
    let text = "";
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    while (!text.includes('"kind":"ended"')) text += (await reader.read()).value ?? "";
    const kinds = [...text.matchAll(/^data: (.*)$/gm)].map(
      ([, data]) => (JSON.parse(data!) as { kind: string }).kind,
    );
    expect([kinds[0], kinds.at(-1)]).toEqual(["begun", "ended"]);
    // A page that watches is not waited for.
    const ended = router.end(60_000);
    while (!(await reader.read()).done);
    await ended;
  });
});
