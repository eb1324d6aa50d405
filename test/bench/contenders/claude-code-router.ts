import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Form } from "../answers.ts";
import { clientModel, onThisMachine, providerKey, providerModel, type Contender } from "./contender.ts";
import { installFromNpm, packageDir } from "./npm-install.ts";

const npmName = "@musistudio/claude-code-router";

const providerOf = (form: Form, port: number): object => {
  const origin = `http://127.0.0.1:${port}`;
  const base = {
    name: "loop",
    api_key: providerKey,
    models: [form === "anthropic" ? clientModel : providerModel],
  };
  if (form === "chat") return { ...base, api_base_url: `${origin}/v1/chat/completions` };
  if (form === "gemini")
    return { ...base, api_base_url: `${origin}/v1beta/models/`, transformer: { use: ["gemini"] } };
  return { ...base, api_base_url: `${origin}/v1/messages`, transformer: { use: ["Anthropic"] } };
};

/**
 * A peer, configured as its README says: no transformer for an OpenAI Chat provider, `gemini` for Google's, `Anthropic` alone
 * for one of Anthropic's form (its README: then requests and answers are kept as they are); its log off.
 */
const routerOf = (version: string, note: string): Contender => ({
  name: `ccr-${version}`,
  about: `claude-code-router ${version} from npm${note}`,
  forms: ["chat", "gemini", "anthropic"],
  prepare: () => installFromNpm(npmName, version),
  launch: async ({ form, port, providerPort, dir }) => {
    const target = `loop,${form === "anthropic" ? clientModel : providerModel}`;
    const config = {
      HOST: "127.0.0.1",
      PORT: port,
      LOG: false,
      NON_INTERACTIVE_MODE: true,
      API_TIMEOUT_MS: 600_000,
      Providers: [providerOf(form, providerPort)],
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
      args: [join(packageDir(npmName, version), "dist/cli.js"), "start"],
      env: { HOME: dir, ...(version.startsWith("1.") ? {} : onThisMachine) },
      cwd: dir,
    };
  },
  readyPath: "/health",
  requestPath: () => "/v1/messages?beta=true",
  clientForm: () => "anthropic",
});

export const claudeCodeRouter = routerOf("1.0.73", "");
/** Its dependencies are in no registry: it does not install, and says so. */
export const claudeCodeRouterNewest = routerOf("3.1.1", ", its newest");
/** The newest that does install. */
export const claudeCodeRouter2 = routerOf("2.0.0", "");
