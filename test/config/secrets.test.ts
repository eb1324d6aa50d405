import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listSecrets, parseEnvFile, setSecret, unsetSecret } from "../../src/config/secrets.ts";
import { errorOf, place } from "./support.ts";

const keys = "~/.config/switchyard/keys.env";

describe("where keys come from", () => {
  test("the environment, then keys.env, then the checkout's .env, which is said", () => {
    const here = place('providers: { a: { preset: openai, keys: ["${A}", "${B}", "${C}"] } }\n');
    here.write(keys, "A=from-keys\nB=from-keys-b\n");
    here.write(".env", "A=from-dotenv\nB=from-dotenv\nC=from-dotenv-c\n", 0o644);
    const config = here.load({ A: "from-environment" });
    expect(config.providers.get("a")?.keys.map(({ value }) => value)).toEqual([
      "from-environment",
      "from-keys-b",
      "from-dotenv-c",
    ]);
    expect(config.notices.filter((line) => line.includes(".env:"))).toHaveLength(1);
    expect(config.notices.join("\n")).not.toContain("from-");
  });

  test("XDG_CONFIG_HOME moves keys.env", () => {
    const here = place();
    here.write("~/elsewhere/switchyard/keys.env", "GEMINI_API_KEY=moved-key\n");
    const config = here.load({ XDG_CONFIG_HOME: join(here.home, "elsewhere") });
    expect(config.providers.get("gemini")?.keys.map(({ value }) => value)).toEqual(["moved-key"]);
  });

  test("the environment alone, where that is wanted", () => {
    const here = place();
    here.write(keys, "GEMINI_API_KEY=of-the-file\n", 0o644);
    here.write(".env", "GEMINI_API_KEY=of-the-checkout\n");
    const config = here.load({}, { keyFiles: false });
    expect(config.providers.get("gemini")?.disabled).toBe("GEMINI_API_KEY is not set");
  });

  test.each([0o640, 0o604, 0o660, 0o644])("a keys.env of mode %o is refused", (mode) => {
    const here = place();
    const file = here.write(keys, "GEMINI_API_KEY=secret-value\n");
    chmodSync(file, mode);
    const error = errorOf(() => here.load());
    expect(error.code).toBe("secrets.insecure");
    expect(error.message).toContain(`${file} has mode 0${mode.toString(8)}`);
    expect(error.hint).toBe(`Run: chmod 600 ${file}`);
  });

  test("a line that is no assignment is named by its number, not by its text", () => {
    const here = place();
    const file = here.write(keys, "# comment\nA=1\nsk-secret-value\n");
    const error = errorOf(() => here.load());
    expect([error.code, error.detail]).toEqual(["secrets.invalid", `${file}:3: expected NAME=value`]);
  });
});

describe("a file of NAME=value lines", () => {
  test("has comments, export, quotes and Windows line ends", () => {
    const text =
      '\uFEFFA=1\r\n# no\n\nexport B = "two \\"2\\"" # note\nC=\'th#ree\'\nD=four # note\nE=a=b#c\nA=last\n';
    expect(Object.fromEntries(parseEnvFile(text).values)).toEqual({
      A: "last",
      B: 'two "2"',
      C: "th#ree",
      D: "four",
      E: "a=b#c",
    });
  });

  test.each([
    "plain-KEY_1.2/3",
    "with space",
    "quote'inside",
    "both'and\"",
    "back\\slash'",
    "#hash",
    "$dollar",
    "ünï",
  ])("a value comes back as it was set: %s", (value) => {
    const here = place();
    const { env } = here.options();
    setSecret(env, "NAME", value);
    expect(
      parseEnvFile(readFileSync(join(here.home, ".config/switchyard/keys.env"), "utf8")).values.get("NAME"),
    ).toBe(value);
  });
});

describe("switchyard secrets", () => {
  test("set makes the file for its owner alone, keeps other lines, and leaves nothing beside it", () => {
    const here = place();
    const { env } = here.options();
    setSecret(env, "FIRST", "one");
    const folder = join(here.home, ".config/switchyard");
    expect(statSync(join(folder, "keys.env")).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    here.write(keys, "# mine\nFIRST=one\nSECOND=two\nFIRST=again\n");
    setSecret(env, "FIRST", "new");
    expect(readFileSync(join(folder, "keys.env"), "utf8")).toBe("# mine\nFIRST=new\nSECOND=two\n");
    expect(listSecrets(env)).toEqual(["FIRST", "SECOND"]);
    expect(readdirSync(folder)).toEqual(["keys.env"]);
  });

  test("set makes a file private that was not", () => {
    const here = place();
    const file = here.write(keys, "A=1\n");
    chmodSync(file, 0o644);
    setSecret(here.options().env, "B", "2");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("a link stays a link", () => {
    const here = place();
    const real = here.write("~/dotfiles/keys.env", "A=1\n");
    here.write("~/.config/switchyard/.keep", "");
    symlinkSync(real, join(here.home, ".config/switchyard/keys.env"));
    setSecret(here.options().env, "B", "2");
    expect(readFileSync(real, "utf8")).toBe("A=1\nB=2\n");
  });

  test("unset removes one and says whether it was there", () => {
    const here = place();
    const { env } = here.options();
    here.write(keys, "A=1\nB=2\n");
    expect([unsetSecret(env, "A"), unsetSecret(env, "A")]).toEqual([true, false]);
    expect(listSecrets(env)).toEqual(["B"]);
  });

  test.each([
    ["a name that is none", "not a name", "x"],
    ["an empty value", "NAME", ""],
    ["a value of two lines", "NAME", "secret-a\nsecret-b"],
  ])("%s is refused, and not shown", (_what, name, value) => {
    const error = errorOf(() => setSecret(place().options().env, name, value));
    expect(error.code).toBe("usage.invalid");
    expect(error.message).not.toContain("secret-");
  });
});
