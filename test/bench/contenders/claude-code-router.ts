import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clientModel, providerModel, type Contender } from "./contender.ts";
import { installFromNpm, packageDir } from "./npm-install.ts";

const name = "@musistudio/claude-code-router";
const version = "1.0.73";

/**
 * The peer, configured as its README says: no transformer for an OpenAI Chat provider, `Anthropic` alone for one of
 * Anthropic's form (its README: then requests and answers are kept as they are); its log off.
 */
export const claudeCodeRouter: Contender = {
  name: "ccr-1.0.73",
  about: `claude-code-router ${version} from npm`,
  forms: ["chat", "anthropic"],
  prepare: () => installFromNpm(name, version),
  launch: async ({ form, port, providerPort, dir }) => {
    const model = form === "chat" ? providerModel : clientModel;
    const base = { name: "loop", api_key: "bench-provider-key", models: [model] };
    const provider =
      form === "chat"
        ? { ...base, api_base_url: `http://127.0.0.1:${providerPort}/v1/chat/completions` }
        : {
            ...base,
            api_base_url: `http://127.0.0.1:${providerPort}/v1/messages`,
            transformer: { use: ["Anthropic"] },
          };
    const target = `loop,${model}`;
    const config = {
      HOST: "127.0.0.1",
      PORT: port,
      LOG: false,
      NON_INTERACTIVE_MODE: true,
      API_TIMEOUT_MS: 600_000,
      Providers: [provider],
      Router: {
        default: target,
        background: target,
        think: target,
        longContext: target,
        longContextThreshold: 60_000,
        webSearch: target,
      },
    };
    const folder = join(dir, ".claude-code-router");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "config.json"), JSON.stringify(config, undefined, 2));
    return {
      file: process.execPath,
      args: [join(packageDir(name, version), "dist/cli.js"), "start"],
      env: { HOME: dir },
      cwd: dir,
    };
  },
  readyPath: "/health",
  requestPath: () => "/v1/messages?beta=true",
  clientForm: () => "anthropic",
};
