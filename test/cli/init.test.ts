/** `switchyard init` in a checkout of its own, without a terminal: which keys it takes, what it writes, and what it says of those that do not work. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Checkout, checkout } from "../support/checkout.ts";
import { finished, type Finished, type Sandbox, sandbox } from "../support/cli.ts";
import { startRefusingProvider } from "../support/provider/refusing.ts";
import type { ScriptedProvider } from "../support/provider/server.ts";

let own: Sandbox;
let provider: ScriptedProvider;
let place: Checkout;
beforeEach(async () => {
  own = sandbox();
  provider = await startRefusingProvider("OK");
  place = checkout(provider.url);
});
afterEach(async () => {
  await provider.close();
  place.remove();
  own.remove();
});

const init = (args: string[], env: Record<string, string> = {}, input = ""): Promise<Finished> => {
  const child = spawn(place.switchyard, ["init", ...args], {
    cwd: own.workspace,
    env: { ...own.env, ...env },
  });
  child.stdin.on("error", () => undefined).end(input);
  return finished(child);
};

const written = (): Record<string, Record<string, unknown>> =>
  parse(readFileSync(place.config, "utf8")) as Record<string, Record<string, unknown>>;
const keptKeys = (): string => {
  const file = join(own.home, ".config/switchyard/keys.env");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};

describe("switchyard init --yes", () => {
  it("takes the keys of the environment, asks each provider once, and writes a file that names the schema first", async () => {
    const { status, stderr } = await init(["--yes"], {
      ZAI_API_KEY: "zai-of-the-test",
      OPENAI_API_KEY: "oai-of-the-test",
    });
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining("zai answers") });
    expect(stderr).toContain("openai-responses answers");
    expect(provider.requests).toHaveLength(2);
    expect(readFileSync(place.config, "utf8").split("\n", 1)).toEqual([
      "# yaml-language-server: $schema=./switchyard.schema.json",
    ]);
    expect(written()["routes"]).toMatchObject({
      default: ["zai,glm-5.1", "openai-responses,gpt-5.4", "demo,echo"],
      background: ["zai,glm-4.5-air", "openai-responses,gpt-5-mini", "demo,echo"],
    });
    expect(keptKeys()).toBe("");
  });

  it("leaves out a provider that refuses its key, says why, and goes on with the others", async () => {
    const { status, stderr } = await init(["--yes"], {
      ZAI_API_KEY: "zai-of-the-test",
      OPENAI_API_KEY: "wrong-one",
    });
    expect(status).toBe(0);
    expect(stderr).toMatch(/✗ openai-responses does not answer: .*no such key/);
    expect(written()["routes"]!["default"]).toEqual(["zai,glm-5.1", "demo,echo"]);
    expect(stderr).not.toContain("wrong-one");
  });

  it("writes nothing and ends with status 1 where no key works", async () => {
    const { status, stderr } = await init(["--yes"], { ZAI_API_KEY: "wrong-one" });
    expect(status).toBe(1);
    expect(stderr).toContain("nothing was written");
    expect(existsSync(place.config)).toBe(false);
  });

  it("says that the demo answers where there is no key", async () => {
    const { status, stderr } = await init(["--yes"]);
    expect(status).toBe(0);
    expect(stderr).toContain("demo provider answers");
    expect(written()).toBeNull();
    expect(provider.requests).toEqual([]);
  });

  it("asks nobody with --offline", async () => {
    const { status } = await init(["--yes", "--offline"], { ZAI_API_KEY: "wrong-one" });
    expect(status).toBe(0);
    expect(provider.requests).toEqual([]);
    expect(written()["routes"]!["default"]).toEqual(["zai,glm-5.1", "demo,echo"]);
  });

  it("keeps the environment's keys for later where it is told to", async () => {
    await init(["--yes", "--offline", "--keys-from-env"], { ZAI_API_KEY: "zai-of-the-test" });
    expect(keptKeys()).toBe("ZAI_API_KEY=zai-of-the-test\n");
  });

  it("has Claude's subscription serve first, and never asks Anthropic with it", async () => {
    await init(["--yes", "--subscription"], { ZAI_API_KEY: "zai-1", ANTHROPIC_API_KEY: "ant-1" });
    expect(written()["routes"]!["default"]).toEqual([
      "anthropic,*",
      "anthropic-api,*",
      "zai,glm-5.1",
      "demo,echo",
    ]);
    expect(provider.requests.map(({ headers }) => headers["x-api-key"] ?? headers.authorization)).toEqual(
      expect.arrayContaining(["ant-1", "Bearer zai-1"]),
    );
    expect(provider.requests).toHaveLength(2);
  });

  it("sends long conversations to the model with the largest window", async () => {
    await init(["--yes", "--offline"], {
      ZAI_API_KEY: "zai-1",
      DEEPSEEK_API_KEY: "ds-1",
      GROQ_API_KEY: "gr-1",
    });
    // DeepSeek is first, and has the largest itself.
    expect(written()["routes"]!["longContext"]).toBeNull();
    await init(["--yes", "--force", "--offline"], { ZAI_API_KEY: "zai-1", MOONSHOT_API_KEY: "kimi-1" });
    expect(written()["routes"]!["longContext"]).toEqual({
      use: ["moonshot,kimi-k2.6", "zai,glm-5.1"],
      threshold: 160000,
    });
  });
});

describe("keys over stdin", () => {
  it("are tested, kept for their owner alone, and stand in no file of the checkout", async () => {
    const { status, stdout, stderr } = await init(["--keys-stdin"], {}, "ZAI_API_KEY=zai-of-the-test\n");
    expect(status).toBe(0);
    expect(keptKeys()).toBe("ZAI_API_KEY=zai-of-the-test\n");
    expect(stdout + stderr + readFileSync(place.config, "utf8")).not.toContain("zai-of-the-test");
  });

  it("are refused with the line's number where it is none", async () => {
    const { status, stderr } = await init(["--keys-stdin"], {}, "ZAI_API_KEY=a\nnonsense\n");
    expect(status).toBe(2);
    expect(stderr).toContain("line 2");
    expect(existsSync(place.config)).toBe(false);
  });
});

describe("a configuration that is there", () => {
  const there = "routes: { default: 'zai,glm-5.1' } # mine\nproviders: { zai: { preset: zai } }\n";
  beforeEach(() => {
    mkdirSync(dirname(place.config), { recursive: true });
    writeFileSync(place.config, there);
  });

  it("stays as it is, and its providers are tested", async () => {
    const { status, stderr } = await init(["--yes"], { ZAI_API_KEY: "zai-1" });
    expect(status).toBe(0);
    expect(stderr).toContain("stays as it is");
    expect(stderr).toContain("zai answers (glm-5.1");
    expect(readFileSync(place.config, "utf8")).toBe(there);
  });

  it("ends with status 1 where none of its providers answers", async () => {
    expect((await init(["--yes"], { ZAI_API_KEY: "wrong-one" })).status).toBe(1);
  });

  it("is kept as a backup where a new one is wanted", async () => {
    const { stderr } = await init(["--yes", "--force"], { ZAI_API_KEY: "zai-1" });
    const backup = /kept as (\S+)/.exec(stderr)?.[1];
    expect(readFileSync(backup!, "utf8")).toBe(there);
    expect(written()["routes"]!["default"]).toEqual(["zai,glm-5.1", "demo,echo"]);
  });
});

it("init without a terminal says what to do instead", async () => {
  const { status, stderr } = await init([]);
  expect(status).toBe(2);
  expect(stderr).toContain("--yes");
});

describe("files as Windows writes them", () => {
  const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le");

  it("keys over stdin in UTF-16 are read, and kept as UTF-8", async () => {
    const child = spawn(place.switchyard, ["init", "--keys-stdin", "--offline"], {
      cwd: own.workspace,
      env: own.env,
    });
    child.stdin.end(utf16("ZAI_API_KEY=zai-of-the-test\r\n"));
    expect(await finished(child)).toMatchObject({ status: 0 });
    expect(keptKeys()).toBe("ZAI_API_KEY=zai-of-the-test\n");
  });

  it.each([
    ["UTF-16", (text: string) => utf16(text)],
    ["UTF-16 of the other order", (text: string) => utf16(text).swap16()],
    ["UTF-16 without a byte order mark", (text: string) => Buffer.from(text, "utf16le")],
    ["UTF-8 with a byte order mark", (text: string) => Buffer.from(`\uFEFF${text}`)],
  ])("a configuration and a file of keys in %s are read", async (_form, bytes) => {
    mkdirSync(join(own.home, ".config/switchyard"), { recursive: true });
    const keys = join(own.home, ".config/switchyard/keys.env");
    writeFileSync(keys, bytes("MY_KEY=right-key\r\n"), { mode: 0o600 });
    writeFileSync(
      place.config,
      bytes(
        "providers: { zai: { preset: zai, keys: ['${MY_KEY}'] } } # für mich\r\nroutes: { default: 'zai,glm-5.1' }\r\n",
      ),
    );
    const { status, stderr } = await init(["--yes"]);
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining("zai answers") });
    expect(provider.requests[0]!.headers["authorization"]).toBe("Bearer right-key");
  });
});
