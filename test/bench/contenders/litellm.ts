import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Form } from "../answers.ts";
import { pinnedLitellm } from "../../e2e/support/litellm-server.ts";
import { clientModel, onThisMachine, providerKey, providerModel, type Contender } from "./contender.ts";

const providerOf = (form: Form, port: number): object => {
  const origin = `http://127.0.0.1:${port}`;
  if (form === "chat") return { model: `openai/${providerModel}`, api_base: `${origin}/v1` };
  if (form === "gemini") return { model: `gemini/${providerModel}`, api_base: `${origin}/v1beta` };
  return { model: `anthropic/${clientModel}`, api_base: origin };
};

let python: Promise<string> | undefined;
/** Found or installed once: to find it takes a Python seconds on a busy machine. */
const pythonOf = (): Promise<string> => (python ??= pinnedLitellm());

/** A peer, of the version that this project pins, started by its own command; telemetry, logs and price lists of the internet off. */
const litellmWith = (workers: number): Contender => ({
  name: `litellm-${workers}w`,
  about: `LiteLLM from PyPI, the version that images/litellm pins, ${workers === 1 ? "one worker" : `${workers} workers`}`,
  forms: ["chat", "gemini", "anthropic"],
  prepare: async () => void (await pythonOf()),
  launch: async ({ form, port, providerPort, dir }) => {
    const config = {
      model_list: [
        {
          model_name: clientModel,
          litellm_params: { ...providerOf(form, providerPort), api_key: providerKey },
        },
      ],
      litellm_settings: {
        telemetry: false,
        drop_params: true,
        // As this project's own configuration of it: otherwise a provider of OpenAI's is asked in the Responses form.
        use_chat_completions_url_for_anthropic_messages: true,
      },
    };
    const file = join(dir, "config.yaml");
    // JSON is YAML.
    await writeFile(file, JSON.stringify(config));
    return {
      file: await pythonOf(),
      // Its command, whose script names the folder in which it was installed and not the one to which that was moved.
      args: ["-c", "from litellm.proxy.proxy_cli import run_server; run_server()"].concat(
        ["--config", file, "--host", "127.0.0.1", "--port", String(port)],
        ["--num_workers", String(workers), "--telemetry", "False"],
      ),
      env: {
        HOME: dir,
        TMPDIR: dir,
        PYTHONUNBUFFERED: "1",
        LITELLM_LOG: "ERROR",
        LITELLM_MODE: "PRODUCTION",
        LITELLM_LOCAL_MODEL_COST_MAP: "True",
        LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: "True",
        LITELLM_LOCAL_BLOG_POSTS: "True",
        LITELLM_LOCAL_POLICY_TEMPLATES: "True",
        LITELLM_LOCAL_AUTOROUTER_PRESETS: "True",
        ...onThisMachine,
      },
      cwd: dir,
    };
  },
  readyPath: "/health/liveliness",
  requestPath: () => "/v1/messages?beta=true",
  clientForm: () => "anthropic",
});

export const litellm = litellmWith(1);
export const litellmTwo = litellmWith(2);
