import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Form } from "../answers.ts";
import { cliproxyapiProgram } from "../../e2e/support/cliproxyapi-server.ts";
import {
  clientKey,
  clientModel,
  onThisMachine,
  providerKey,
  providerModel,
  type Contender,
} from "./contender.ts";

const providersOf = (form: Form, port: number): object => {
  const origin = `http://127.0.0.1:${port}`;
  const key = { "api-key": providerKey };
  const models = [{ name: form === "anthropic" ? clientModel : providerModel, alias: clientModel }];
  if (form === "chat")
    return {
      "openai-compatibility": [
        { name: "loop", "base-url": `${origin}/v1`, "api-key-entries": [key], models },
      ],
    };
  return {
    [form === "gemini" ? "gemini-api-key" : "claude-api-key"]: [{ ...key, "base-url": origin, models }],
  };
};

let built: Promise<string> | undefined;
const programOf = (): Promise<string> => (built ??= cliproxyapiProgram());

/** A peer, in Go, of the version that this project pins; the lightest of its modes (`commercial-mode`), its logs and statistics off. */
export const cliproxyapi: Contender = {
  name: "cliproxyapi",
  about: "CLIProxyAPI, built from the Go module that images/cliproxyapi pins, commercial-mode",
  forms: ["chat", "gemini", "anthropic"],
  prepare: async () => void (await programOf()),
  launch: async ({ form, port, providerPort, dir }) => {
    const config = {
      host: "127.0.0.1",
      port,
      "remote-management": { "allow-remote": false, "secret-key": "", "disable-control-panel": true },
      "auth-dir": join(dir, "auth"),
      "api-keys": [clientKey],
      debug: false,
      "commercial-mode": true,
      "usage-statistics-enabled": false,
      "request-retry": 0,
      "disable-cooling": true,
      ...providersOf(form, providerPort),
    };
    const file = join(dir, "config.yaml");
    // JSON is YAML.
    await writeFile(file, JSON.stringify(config));
    return {
      file: await programOf(),
      // The catalogue of models that it was built with: it asks nobody for another.
      args: ["-config", file, "-local-model"],
      env: { HOME: dir, ...onThisMachine },
      cwd: dir,
    };
  },
  // It is healthy before it knows its providers.
  readyPath: "/v1/models",
  readyMark: `"${clientModel}"`,
  requestPath: () => "/v1/messages?beta=true",
  clientForm: () => "anthropic",
};
