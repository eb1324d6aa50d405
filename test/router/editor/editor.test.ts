/** The configuration's editor: text stays as it is, keys stay where they are, and what is wrong changes nothing. */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { masked, unmasked } from "../../../src/router/editor/masks.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";

const byReference = "sk-by-reference-0123456789";
const written = "sk-written-out-9876543210";
const text = `# My own words
providers:
  one: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: ["\${ONE_KEY}"] } # kept
  two: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [${written}] }
routes: { default: ["demo,first"], background: , think: , longContext: , webSearch: , image: }
`;

let router: TestRouter;
beforeEach(async () => void (router = await testRouter(text, { ONE_KEY: byReference })));
afterEach(() => router.close());

interface Shown {
  text: string;
  version: string;
  valid: boolean;
  problems: string[];
  backups: string[];
}

const api = async (
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Shown; raw: string }> => {
  const answer = await fetch(`${router.url}${path}`, {
    method,
    headers: router.admin,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const raw = await answer.text();
  return { status: answer.status, body: JSON.parse(raw) as Shown, raw };
};
const load = async (): Promise<Shown> => (await api("GET", "/api/config")).body;
const onDisk = (): string => readFileSync(router.file, "utf8");

describe("the configuration's text", () => {
  it("is shown with references as they are and without the keys that are written out", async () => {
    const shown = await load();
    expect(shown.text).toContain("${ONE_KEY}");
    expect(shown.text).toContain("# My own words");
    expect(shown.text).not.toContain(written);
    expect(shown.text).not.toContain(byReference);
    expect(shown.text).toContain(`HIDDEN-KEY-1-${written.slice(-4)}`);
  });

  it("is saved as it was typed, comments and all; keys and references stay; the next turn goes by it", async () => {
    chmodSync(router.file, 0o640);
    const shown = await load();
    const edited = shown.text.replace("demo,first", "demo,second");
    const saved = await api("PUT", "/api/config", { text: edited, version: shown.version });
    expect([saved.status, saved.body]).toMatchObject([200, { valid: true, problems: [] }]);
    expect(onDisk()).toBe(text.replace("demo,first", "demo,second"));
    expect(statSync(router.file).mode & 0o777).toBe(0o640);
    expect((await router.ask()).headers.get("x-switchyard-target")).toBe("demo,second");
    expect((await load()).version).toBe(saved.body.version);
  });

  it("with an error is refused with file, line and column as the CLI tells it, and nothing changes", async () => {
    const { text: shown, version } = await load();
    const wrong = shown.replace("routes:", "routse:");
    for (const [method, path] of [
      ["POST", "/api/config/check"],
      ["PUT", "/api/config"],
    ] as const) {
      const { body } = await api(method, path, { text: wrong, version });
      expect(body).toMatchObject({ valid: false });
      expect(body.problems.join("\n")).toMatch(
        /switchyard\.yaml:5:1 unknown key "routse". Did you mean "routes"\?/,
      );
    }
    expect(onDisk()).toBe(text);
    expect((await router.ask()).headers.get("x-switchyard-target")).toBe("demo,first");
  });

  it("that cannot be in force though it is valid is taken back", async () => {
    const { text: shown, version } = await load();
    const bad = join(router.access, "rule.mjs");
    writeFileSync(bad, "export default 7;\n");
    const saved = await api("PUT", "/api/config", { text: `${shown}rulesScript: ${bad}\n`, version });
    expect([saved.status, saved.body.valid]).toEqual([422, false]);
    expect(onDisk()).toBe(text);
    expect((await router.ask()).status).toBe(200);
  });

  it("that somebody else has changed meanwhile is not written over", async () => {
    const shown = await load();
    writeFileSync(router.file, `${text}# theirs\n`);
    const saved = await api("PUT", "/api/config", { text: shown.text, version: shown.version });
    expect(saved.status).toBe(409);
    expect(onDisk()).toBe(`${text}# theirs\n`);
  });

  it("never takes a key in the place of its variable", async () => {
    const shown = await load();
    const edited = shown.text.replace("${ONE_KEY}", byReference);
    const saved = await api("PUT", "/api/config", { text: edited, version: shown.version });
    expect(saved.status).toBe(400);
    expect(saved.raw).toContain("line 3: a key is written out here that comes from a variable");
    expect(saved.raw).not.toContain(byReference);
    expect(onDisk()).toBe(text);
  });

  it("with a mark that stands for nothing is refused", async () => {
    const shown = await load();
    const edited = `${shown.text}# HIDDEN-KEY-7-abcd\n`;
    const saved = await api("POST", "/api/config/check", { text: edited });
    expect([saved.status, saved.raw]).toEqual([400, expect.stringContaining("line 6: HIDDEN-KEY-7-abcd")]);
  });

  it("has its last ten versions kept, for their owner alone, and each can be taken back", async () => {
    for (let i = 0; i < 12; i++) {
      const shown = await load();
      const edited = shown.text.replace(/demo,\w+/, `demo,v${i}`);
      expect((await api("PUT", "/api/config", { text: edited, version: shown.version })).status).toBe(200);
    }
    const { backups, version } = await load();
    expect(backups).toHaveLength(10);
    const folder = join(router.access, "config-backups");
    expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual(
      Array.from({ length: 10 }, () => 0o600),
    );
    const name = backups.at(-1)!;
    const { body } = await api("GET", `/api/config/backup?name=${name}`);
    expect(body.text).toContain('demo,v1"');
    expect(body.text).not.toContain(written);
    expect((await api("PUT", "/api/config", { text: body.text, version, from: name })).status).toBe(200);
    expect(onDisk()).toBe(text.replace("demo,first", "demo,v1"));
    for (const away of ["../client-keys.json", "..%2Fmachine-secret", "/etc/passwd"])
      expect((await api("GET", `/api/config/backup?name=${away}`)).status).toBe(404);
  });

  it("of two saves at once loses neither: the second is told", async () => {
    const { text: shown, version } = await load();
    const save = (model: string): Promise<{ status: number }> =>
      api("PUT", "/api/config", { text: shown.replace("demo,first", model), version });
    const statuses = (await Promise.all([save("demo,a"), save("demo,b")])).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 409]);
  });
});

it("keys are put back wherever they stood, whatever the text", () => {
  const key = fc.stringMatching(/^sk-[A-Za-z0-9]{12,30}$/);
  const words = fc.stringMatching(/^[ a-z:#"{}[\]$\n-]{0,40}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(words, key), { maxLength: 6 }), words, (parts, end) => {
      const whole = `${parts.map(([before, secret]) => `${before} ${secret}`).join("\n")}\n${end}`;
      const known = parts.map(([, secret]) => secret);
      const shown = masked(whole, known);
      for (const secret of known) expect(shown).not.toContain(secret);
      expect(unmasked(shown, whole, known)).toBe(whole);
    }),
  );
});
