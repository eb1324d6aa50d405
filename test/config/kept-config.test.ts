/** The configuration that a start keeps for the next one: it is used while all that it was made of is the same, and tells nothing to others. */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { keeper, readKept } from "../../src/config/kept-config.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { LoadOptions } from "../../src/config/source.ts";
import { place, type Place } from "./support.ts";

const own = `
providers:
  mine: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: ["\${MY_KEY}", "sk-literal-of-the-file"] }
routes: { default: ["mine,some-model"] }
`;
const variables = { MY_KEY: "sk-of-the-variable" };

const cacheOf = (here: Place): string => {
  const cache = join(here.home, "cache/v24");
  mkdirSync(cache, { recursive: true });
  return cache;
};

const keptFiles = (here: Place): string[] =>
  readdirSync(join(here.home, "cache"))
    .filter((name) => name.startsWith("config-"))
    .map((name) => join(here.home, "cache", name));

/** Reads and keeps, as the router's child does. */
const start = (options: LoadOptions, cache: string): void => {
  const kept = keeper(options, cache);
  kept.keep(loadConfig(kept.options));
};

const started = (): { here: Place; cache: string } => {
  const here = place(own);
  here.write("~/.config/switchyard/keys.env", "OTHER_KEY=sk-other-key\n");
  const cache = cacheOf(here);
  start(here.options(variables), cache);
  return { here, cache };
};

describe("the configuration of the last start", () => {
  test("is the one that would be read, at another port too, and whatever else stands in the environment", () => {
    const { here, cache } = started();
    expect(readKept(here.options(variables), cache)).toEqual(here.load(variables));
    expect(readKept(here.options({ ...variables, TERM: "other" }), cache)).toEqual(here.load(variables));
    start(here.options(variables, { port: 4001 }), cache);
    const options = { port: 4002 };
    expect(readKept(here.options(variables, options), cache)).toEqual(here.load(variables, options));
  });

  test("is not used once its script of rules has changed or is gone", () => {
    const here = place(`${own}rulesScript: ./router.js\n`);
    const script = here.write("config/router.js", "module.exports = () => null;\n");
    const cache = cacheOf(here);
    start(here.options(variables), cache);
    expect(readKept(here.options(variables), cache)?.custom?.script?.file).toBe(script);
    here.write("config/router.js", "module.exports = () => 'demo,echo';\n");
    expect(readKept(here.options(variables), cache)).toBeUndefined();
    renameSync(script, `${script}.gone`);
    expect(readKept(here.options(variables), cache)).toBeUndefined();
  });

  test.each<[string, (here: Place) => LoadOptions]>([
    ["a variable has another value", (here) => here.options({ MY_KEY: "sk-another" })],
    ["a variable is gone", (here) => here.options()],
    ["a variable that was not set is", (here) => here.options({ ...variables, GEMINI_API_KEY: "sk-gemini" })],
    ["another host is asked for", (here) => here.options(variables, { host: "::1" })],
    ["a port is asked for", (here) => here.options(variables, { port: 4001 })],
    ["another file is", (here) => here.options(variables, { file: here.write("other.yaml", own) })],
    ...(
      [
        ["the user's file", "config/switchyard.yaml", `${own}\n# changed\n`],
        ["a tracked file", "config/models.yaml", "{}\n"],
        ["the file of keys", "~/.config/switchyard/keys.env", "OTHER_KEY=sk-changed-key\n"],
        ["a .env in the checkout", ".env", "MY_OTHER=1\n"],
      ] as const
    ).map(([name, file, text]): [string, (here: Place) => LoadOptions] => [
      `${name} has changed`,
      (here) => {
        here.write(file, text);
        return here.options(variables);
      },
    ]),
  ])("is not used where %s", (_, change) => {
    const { here, cache } = started();
    expect(readKept(change(here), cache)).toBeUndefined();
  });

  test("is not used where others can read the file of keys: that start is refused", () => {
    const { here, cache } = started();
    here.write("~/.config/switchyard/keys.env", "");
    start(here.options(variables), cache);
    expect(readKept(here.options(variables), cache)).toBeDefined();
    const file = join(here.home, ".config/switchyard/keys.env");
    writeFileSync(`${file}.new`, "", { mode: 0o644 });
    renameSync(`${file}.new`, file);
    expect(readKept(here.options(variables), cache)).toBeUndefined();
  });

  test("lies in a file of the user's alone, in which no key can be read", () => {
    const { here } = started();
    const [file] = keptFiles(here);
    expect(statSync(file!).mode & 0o777).toBe(0o600);
    const bytes = readFileSync(file!, "latin1");
    for (const text of ["sk-of-the-variable", "sk-literal", "sk-other-key", "some-model"])
      expect(bytes).not.toContain(text);
    // The test would find them, were they there: the names of variables are.
    expect(bytes).toContain("MY_KEY");
  });

  test("that was damaged is passed over", () => {
    const { here, cache } = started();
    const file = keptFiles(here)[0]!;
    const bytes = readFileSync(file);
    bytes[bytes.length - 5]! ^= 1;
    writeFileSync(file, bytes);
    expect(readKept(here.options(variables), cache)).toBeUndefined();
  });

  test("is not kept where keys come through a pipe alone, nor where a file changed while it was read", () => {
    const here = place(own);
    const cache = cacheOf(here);
    start(here.options(variables, { keyFiles: false }), cache);
    const kept = keeper(here.options(variables), cache);
    const config = loadConfig(kept.options);
    here.write("config/switchyard.yaml", `${own}\n# changed\n`);
    kept.keep(config);
    expect(keptFiles(here)).toEqual([]);
  });
});
