/** The checks of `switchyard doctor`, in the order in which they are told. A new one is a file in checks/ and a line here. */
import { statfsSync } from "node:fs";
import { messageOf } from "../../shared/errors.ts";
import { loadForCommand, type Loaded } from "../configuration.ts";
import { bad, type Check, type Finding, type Patient } from "./check.ts";
import { base } from "./checks/base.ts";
import { ca } from "./checks/ca.ts";
import { client } from "./checks/client.ts";
import { clock } from "./checks/clock.ts";
import { compose } from "./checks/compose.ts";
import { config } from "./checks/config.ts";
import { disk } from "./checks/disk.ts";
import { engine } from "./checks/engine.ts";
import { keys } from "./checks/keys.ts";
import { leftovers } from "./checks/leftovers.ts";
import { local } from "./checks/local.ts";
import { names } from "./checks/names.ts";
import { node } from "./checks/node.ts";
import { ports } from "./checks/ports.ts";
import { providers } from "./checks/providers.ts";
import { settings } from "./checks/settings.ts";
import { state } from "./checks/state.ts";

export const checks: readonly Check[] = [
  node,
  config,
  keys,
  local,
  state,
  disk,
  engine,
  compose,
  base,
  leftovers,
  ports,
  client,
  settings,
  clock,
  ca,
  names,
  providers,
];

/** Where the client's administrators put settings (code.claude.com/docs, settings). */
const managedSettings: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: "/Library/Application Support/ClaudeCode/managed-settings.json",
  linux: "/etc/claude-code/managed-settings.json",
};

const readConfig = (configFile: string | undefined): Pick<Patient, "loaded" | "configProblem"> => {
  try {
    const loaded: Loaded = loadForCommand(configFile === undefined ? {} : { config: configFile });
    return { loaded, configProblem: undefined };
  } catch (configProblem) {
    return { loaded: undefined, configProblem };
  }
};

const findEngine = async (): Promise<Pick<Patient, "engine" | "engineProblem">> => {
  const { connect } = await import("../../engine/connect.ts");
  try {
    return { engine: await connect(process.env), engineProblem: undefined };
  } catch (engineProblem) {
    return { engine: undefined, engineProblem };
  }
};

/** This machine. @param configFile the user's file, where one is named */
export const thisMachine = async (options: { config?: string; online: boolean }): Promise<Patient> => {
  const managed = managedSettings[process.platform];
  return {
    env: process.env,
    workspace: process.cwd(),
    online: options.online,
    ...readConfig(options.config),
    ...(await findEngine()),
    freeBytes: (folder) => {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
    managedSettings: managed === undefined ? [] : [managed],
    now: Date.now,
    nodeVersion: process.version,
  };
};

/** All findings, in the order of the list. A check that fails itself is a finding. */
export const examine = async (patient: Patient): Promise<Finding[]> => {
  const found = await Promise.all(
    checks
      .filter(({ online }) => online !== true || patient.online)
      .map(async ({ name, run }) => {
        const findings = await Promise.resolve(patient)
          .then(run)
          .catch((error: unknown) => [bad(`the check itself failed: ${messageOf(error)}`)]);
        return findings.map((each): Finding => ({ about: name, ...each }));
      }),
  );
  return found.flat();
};
