/** Bifrost, a gateway in Go. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Form } from "../answers.ts";
import { clientModel, onThisMachine, providerKey, providerModel, type Contender } from "./contender.ts";
import { cacheDir } from "./npm-install.ts";

const modulePath = "github.com/maximhq/bifrost/transports";
const version = "v1.3.9";
const folder = join(cacheDir, `bifrost-${version}`);
const program = join(folder, "bifrost-http");

/** Builds it once. @throws Error with Go's output */
const prepare = async (): Promise<void> => {
  if (existsSync(program)) return;
  await mkdir(folder, { recursive: true });
  const go = ["/usr/local/go/bin/go", "/usr/lib/go/bin/go"].find((path) => existsSync(path)) ?? "go";
  const built = join(folder, "bin");
  try {
    await promisify(execFile)(go, ["install", `${modulePath}/bifrost-http@${version}`], {
      env: { ...process.env, GOBIN: built, GOFLAGS: "-modcacherw", CGO_ENABLED: "1" },
      timeout: 900_000,
      maxBuffer: 1 << 24,
    });
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    throw new Error(`Go could not build ${modulePath}@${version}: ${stderr.slice(-600) || message}`, {
      cause: error,
    });
  }
  await rename(join(built, "bifrost-http"), program);
};

/** Its names of the kinds of provider. */
const kinds: Readonly<Record<Form, string>> = { chat: "openai", gemini: "gemini", anthropic: "anthropic" };

/** A peer. Its Anthropic endpoint takes the provider before the model's name: the client's body names the model alone. */
export const bifrost: Contender = {
  name: "bifrost",
  about: `Bifrost ${version}, its HTTP transport built as a Go module, configured by a file alone, no log`,
  forms: ["chat", "gemini", "anthropic"],
  prepare,
  launch: async ({ form, port, providerPort, dir }) => {
    const model = form === "anthropic" ? clientModel : providerModel;
    const path = form === "gemini" ? "/v1beta" : "";
    const config = {
      client: { enable_logging: false, drop_excess_requests: false, allowed_origins: ["*"] },
      providers: {
        [kinds[form]]: {
          keys: [{ name: "bench", value: providerKey, models: [model], weight: 1 }],
          network_config: { base_url: `http://127.0.0.1:${providerPort}${path}`, max_retries: 0 },
        },
      },
      config_store: { enabled: false },
      logs_store: { enabled: false },
    };
    await writeFile(join(dir, "config.json"), JSON.stringify(config));
    const flags = ["-app-dir", dir, "-host", "127.0.0.1", "-port", String(port), "-log-level", "error"];
    return { file: program, args: flags, env: { HOME: dir, ...onThisMachine }, cwd: dir };
  },
  readyPath: "/health",
  requestPath: () => "/anthropic/v1/messages",
  clientForm: () => "anthropic",
};
