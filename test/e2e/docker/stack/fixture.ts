/** A stack of its own, driven by the switchyard command as a user drives it, with the scripted provider as a service in it. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { loadConfig } from "../../../../src/config/load.ts";
import type { Engine } from "../../../../src/engine/connect.ts";
import { removeProject } from "../../../../src/engine/containers.ts";
import { imageRequest } from "../../../../src/engine/image-request.ts";
import { imageName } from "../../../../src/engine/images.ts";
import { observeProject, type ServiceOnEngine } from "../../../../src/engine/stack/observe.ts";
import { captureIn } from "../../../../src/engine/terminal.ts";
import { labels } from "../../../../src/shared/container-layout.ts";
import type { RecordedRequest } from "../../../support/provider/server.ts";
import { type Finished, project, root } from "../../support/project.ts";

const port = 8080;

/** As a provider's; made anew so that no file of this machine holds it already. */
export const providerKey = `sk-test-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;

export interface StackFixture {
  readonly name: string;
  readonly folder: string;
  readonly workspace: string;
  readonly stateDir: string;
  readonly config: string;
  /** Image of the scripted provider: it has Node. */
  readonly providerImage: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs `switchyard ARGS --config …`. */
  cli(args: readonly string[], options?: { env?: Record<string, string>; input?: string }): Promise<Finished>;
  /** Runs a script in the client's container, as `switchyard shell stack` does. */
  inside(script: string): Promise<Finished>;
  services(): Promise<readonly ServiceOnEngine[]>;
  service(name: string): Promise<ServiceOnEngine>;
  /** Address of a service in the stack's network. */
  address(name: string): Promise<string>;
  /** What the scripted provider was asked since the last look. */
  asked(): Promise<RecordedRequest[]>;
  remove(): Promise<void>;
}

const configuration = (name: string, more: string): string => `
server: { port: 0 }
providers:
  scripted: { dialect: openai-chat, baseUrl: "http://provider:${port}/v1", keys: ["\${SCRIPTED_KEY}"] }
routes:
  default: "scripted,default-model"
  background: "scripted,background-model"
  think: ["scripted,think-model"]
  longContext: { use: ["scripted,long-model"] }
  webSearch: ["scripted,search-model"]
stack:
  project: ${name}
  litellm: { port: 0 }
${more}`;

/** @param more lines of YAML, of the section `stack` or after it */
export const stackFixture = (engine: Engine, more = ""): StackFixture => {
  const name = `e2e-stack-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const at = project(configuration(name, more));
  const stateDir = join(at.folder, "state");
  const uid = process.getuid?.() ?? 0;
  chmodSync(at.workspace, 0o755);
  const gid = process.getgid?.() ?? 0;
  const request = imageRequest(loadConfig({ env: {}, keyFiles: false }), { root, uid, gid });
  mkdirSync(join(stateDir, "compose"), { recursive: true, mode: 0o700 });
  const provider = {
    // The client's image has what the provider needs: Node.
    image: imageName("client", request, process.env["SWITCHYARD_BASE"]),
    entrypoint: ["node", "/test/support/provider/main.ts", String(port), "0.0.0.0"],
    init: true,
    user: "1000:1000",
    volumes: [`${join(root, "test")}:/test:ro`],
    networks: ["stack"],
    ports: [`127.0.0.1::${port}`],
    labels: { [labels.project]: name },
  };
  writeFileSync(join(stateDir, "compose", "override.yaml"), stringify({ services: { provider } }));

  const env = { ...at.env, SCRIPTED_KEY: providerKey };
  const cli: StackFixture["cli"] = (args, options = {}) => {
    const dashes = args.indexOf("--");
    const [before, after] = dashes < 0 ? [args, []] : [args.slice(0, dashes), args.slice(dashes)];
    return at.switchyard([...before, "--config", at.config, ...after], {
      ...options,
      env: { ...env, ...options.env },
      timeout: 600_000,
    });
  };
  const services: StackFixture["services"] = async () => (await observeProject(engine, name)).services;
  const service: StackFixture["service"] = async (wanted) => {
    const found = (await services()).find((each) => each.service === wanted);
    if (found === undefined) throw new Error(`there is no service ${wanted}`);
    return found;
  };
  let seen = 0;
  return {
    name,
    folder: at.folder,
    workspace: at.workspace,
    stateDir,
    config: at.config,
    providerImage: provider.image,
    env,
    cli,
    inside: (script) => cli(["shell", "stack", "--", script]),
    services,
    service,
    address: async (wanted) => {
      const { id } = await service(wanted);
      const { NetworkSettings } = await engine.docker.getContainer(id).inspect();
      return NetworkSettings.Networks[`${name}_stack`]?.IPAddress ?? "";
    },
    asked: async () => {
      const { id } = await service("provider");
      const { output } = await captureIn(engine.docker.getContainer(id), [
        "node",
        "-e",
        `fetch("http://127.0.0.1:${port}/_requests").then(async (r) => process.stdout.write(await r.text()))`,
      ]);
      const all = JSON.parse(output) as RecordedRequest[];
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh;
    },
    remove: async () => {
      await removeProject(engine, name, { volumes: true, images: false });
      at.remove();
    },
  };
};
