import { join } from "node:path";
import { clientKey, onThisMachine, type Contender } from "./contender.ts";
import { installFromNpm, packageDir } from "./npm-install.ts";

const npmName = "@portkey-ai/gateway";
const version = "1.15.2";

/**
 * A peer. Its /v1/messages serves providers of Anthropic's form alone: it translates nothing for this client. On Node 24 its
 * streams of that form fail (it sets a header of an answer of `fetch`, which cannot be changed); what it answers whole is measured.
 */
export const portkey: Contender = {
  name: "portkey",
  about: `Portkey's gateway ${version} from npm; its /v1/messages knows no providers of OpenAI's or Google's form`,
  forms: ["anthropic"],
  prepare: () => installFromNpm(npmName, version),
  launch: async ({ port, dir }) => ({
    file: process.execPath,
    args: [join(packageDir(npmName, version), "build/start-server.js"), `--port=${port}`, "--headless"],
    env: { HOME: dir, NODE_ENV: "production", ...onThisMachine },
    cwd: dir,
  }),
  readyPath: "/",
  requestPath: () => "/v1/messages?beta=true",
  headers: (providerPort) => [
    "x-portkey-provider: anthropic",
    `x-portkey-custom-host: http://127.0.0.1:${providerPort}/v1`,
    `x-api-key: ${clientKey}`,
  ],
  clientForm: () => "anthropic",
};
