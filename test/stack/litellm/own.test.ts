/** A user's own litellm_config.yaml. */
import { describe, expect, it } from "vitest";
import { errorOf } from "../../config/support.ts";
import { setup } from "./support.ts";

const own = `
model_list:
  - model_name: mine # kept as it is
    litellm_params: { model: openai/gpt, api_key: os.environ/MY_KEY, api_base: os.environ/MY_BASE }
  - model_name: implied
    litellm_params: { model: groq/llama }
general_settings: { master_key: os.environ/MY_MASTER }
`;

describe("the user's own LiteLLM configuration", () => {
  it("is run unchanged, with the variables that it names and no others", () => {
    const result = setup(
      "",
      { MY_KEY: "k1", MY_BASE: "b1", MY_MASTER: "m1", GROQ_API_KEY: "g1", OPENROUTER_API_KEY: "o1" },
      own,
    );
    expect(result.config).toBe(own);
    expect(result.keys).toEqual({ MY_KEY: "k1", MY_BASE: "b1", MY_MASTER: "m1", GROQ_API_KEY: "g1" });
  });

  it("names what is not set", () => {
    const { notices } = setup(
      "stack: { litellm: { config: mine.yaml, clientKey: sk-of-mine } }\n",
      { MY_KEY: "k1" },
      own,
    );
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(/mine\.yaml names MY_BASE, MY_MASTER, and they are not set/);
  });

  it("is reached with the client key of the configuration", () => {
    const result = setup(
      'stack: { litellm: { config: mine.yaml, clientKey: "${MINE}" } }\n',
      { MINE: "sk-of-mine" },
      own,
    );
    expect(result.clientKey).toBe("sk-of-mine");
  });

  it("is reached with its master key otherwise, and says that this is an administrator's", () => {
    const variable = setup("", { MY_KEY: "k", MY_BASE: "b", MY_MASTER: "sk-admin" }, own);
    expect(variable.clientKey).toBe("sk-admin");
    expect(variable.notices).toEqual([expect.stringContaining("an administrator's")]);
    const written = setup("", {}, "general_settings: { master_key: sk-written }\n");
    expect(written.clientKey).toBe("sk-written");
    expect(written.notices.join()).not.toContain("sk-written");
  });

  it("without a master key is open, and says so", () => {
    const { clientKey, notices } = setup("", {}, "model_list: []\n");
    expect(clientKey).toBeUndefined();
    expect(notices).toEqual([expect.stringContaining("has no master_key")]);
  });

  it("that is not YAML is told with its line, and nothing of it is shown", () => {
    const error = errorOf(() => setup("", {}, "general_settings:\n  master_key: 'sk-secret\n"));
    expect(error.code).toBe("config.invalid");
    expect(error.detail).not.toContain("sk-secret");
  });
});
