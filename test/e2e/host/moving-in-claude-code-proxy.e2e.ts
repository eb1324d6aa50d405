/** The same .env in a real claude-code-proxy (the one on PyPI) and, imported, in the router: each request reaches the same model with the same key. */
import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cacheDir } from "../../bench/contenders/npm-install.ts";
import { pinnedLitellm } from "../support/litellm-server.ts";
import { type Both, fromBoth, itReachesTheSame, startBoth, told } from "../support/moving-in.ts";
import { startServer } from "../support/server-process.ts";

const version = "0.1.5";

/** The package alone: what it needs, the pinned LiteLLM brings along. */
const install = async (python: string): Promise<string> => {
  const folder = join(cacheDir, `claude-code-proxy-${version}`);
  if (!existsSync(join(folder, "server", "fastapi.py")))
    await promisify(execFile)(python, [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--no-deps",
      "--target",
      folder,
      `claude-code-proxy==${version}`,
    ]);
  return folder;
};

const text = (provider: string): string => `# keys
export OPENAI_API_KEY="sk-of-alpha-0123456789abcdef"
OPENAI_API_BASE=${provider}/alpha/v1   # a server of one's own
PREFERRED_PROVIDER=openai

BIG_MODEL='gpt-4.1'
SMALL_MODEL="gpt-4.1-mini"
`;

const startReal = async (config: string): ReturnType<typeof startServer> => {
  const python = await pinnedLitellm();
  const library = await install(python);
  return startServer((port, _file, folder) => {
    writeFileSync(join(folder, ".env"), config);
    return {
      name: "claude-code-proxy",
      program: python,
      // Its .env is looked for beside its program; this one lies where it is started.
      args: [
        "-B",
        "-c",
        `import dotenv; dotenv.load_dotenv(".env"); import uvicorn; uvicorn.run("server.fastapi:app", port=${port}, log_level="error")`,
      ],
      config: {},
      env: { PYTHONPATH: library, LITELLM_LOCAL_MODEL_COST_MAP: "True" },
      ready: async (url) => (await fetch(url)).ok,
    };
  });
};

const thinking = { type: "enabled", budget_tokens: 1024 };

describe("a configuration of claude-code-proxy", () => {
  let both: Both;
  beforeAll(async () => {
    both = await startBoth({ text, file: ".env", start: startReal, key: "any" });
  }, 600_000);
  afterAll(() => both?.close());

  itReachesTheSame(() => both, {
    "a turn of sonnet": { model: "claude-sonnet-4-5" },
    "a turn of sonnet that is not streamed": { stream: false },
    "a turn of haiku": { model: "claude-haiku-4-5" },
    "a turn of haiku that thinks": { model: "claude-haiku-4-5", thinking },
    "a model of the provider by its own id": { model: "gpt-4o" },
  });

  it.each([
    ["claude-opus-4-1", /opus and names that nothing serves/],
    ["qwen3-coder", /which are errors there/],
  ])("%s is an error there and goes to the big model here, and the report says so", async (model, says) => {
    const { there, here } = await fromBoth(both, { model });
    expect(there).toEqual([]);
    expect(here).toMatchObject([{ provider: "alpha", model: "gpt-4.1" }]);
    expect(told(both.here.findings, "BIG_MODEL")).toMatch(says);
  });

  it("a large limit is cut there, and the report says so", async () => {
    const { there, here } = await fromBoth(both, { max_tokens: 32_000 });
    expect([there, here]).toMatchObject([[{ most: 16_384 }], [{ most: 32_000 }]]);
    expect(told(both.here.findings, "PREFERRED_PROVIDER")).toMatch(/^changed: .*16384/);
  });
});
