/** A machine that `switchyard doctor` looks at: the sandbox's, on which nothing is wrong but what a test makes wrong. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Loaded } from "../../src/cli/configuration.ts";
import type { Found, Patient } from "../../src/cli/doctor/check.ts";
import { checks } from "../../src/cli/doctor/index.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import { readConfigSource } from "../../src/config/source.ts";
import type { Sandbox } from "./cli.ts";

type ConfigOfPatient = Pick<Patient, "loaded" | "configProblem">;

const read = (own: Sandbox, env: NodeJS.ProcessEnv, yaml: string, keyFiles: boolean): ConfigOfPatient => {
  const file = join(own.folder, "own.yaml");
  writeFileSync(file, yaml);
  try {
    const source = readConfigSource({ env, keyFiles, file });
    const loaded: Loaded = {
      config: resolveConfig(source),
      source,
      root: own.folder,
      project: "doctor-test",
      stateDir: own.state,
      configFile: file,
    };
    return { loaded, configProblem: undefined };
  } catch (configProblem) {
    return { loaded: undefined, configProblem };
  }
};

/**
 * @param yaml a configuration of the test's
 * @param keyFiles the sandbox's file of keys is read, too
 */
export const patientOf = (
  own: Sandbox,
  over: Partial<Patient> = {},
  yaml = "server: { port: 0 }\n",
  keyFiles = false,
): Patient => {
  const env = { HOME: own.home, PATH: own.env["PATH"], ZAI_API_KEY: "zai-of-the-test", ...over.env };
  return {
    workspace: own.workspace,
    online: false,
    ...read(own, env, yaml, keyFiles),
    engine: undefined,
    engineProblem: new Error("no engine answers"),
    freeBytes: () => 1e12,
    managedSettings: [],
    now: Date.now,
    nodeVersion: process.version,
    ...over,
    // What a test sets stands beside the rest.
    env,
  };
};

/** What one check finds. */
export const lookAt = async (name: string, patient: Patient): Promise<readonly Found[]> => {
  const found = checks.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no check ${name}`);
  return found.run(patient);
};

/** A configuration whose one provider is a server of the test's on this machine. */
export const providerAt = (address: string): string =>
  `server: { port: 0 }\nproviders: { there: { dialect: openai-chat, baseUrl: "http://${address}/v1", keys: [] } }\nroutes: { default: "there,m", longContext: , background: , webSearch: , think: }\naliases: { qwen-coder: }\n`;
