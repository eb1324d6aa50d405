/** The part of the report that is about a CLIProxyAPI: the stack's own, or one that the user runs. */
import { patchCliproxyapi, readCliproxyapi } from "../../config/cliproxyapi-file.ts";
import { messageOf } from "../../shared/errors.ts";
import { cliproxyapiSettings } from "../../stack/cliproxyapi-settings.ts";
import { readAccounts, rulePriority } from "../accounts/files.ts";
import { accountsPlace, type AccountsOptions } from "../accounts/place.ts";
import type { Loaded } from "../configuration.ts";
import { emptyReport, type SetupReport } from "./text.ts";

type Part = Pick<
  SetupReport,
  "service" | "codex" | "fillFirst" | "switchProject" | "plus" | "pro" | "blocking" | "manual"
>;

const { installed: _installed, models: _models, completions: _completions, ...none } = emptyReport;

/** Whatever answers there by HTTP; which service it is, the test of a completion shows. */
const answers = async (port: number): Promise<boolean> => {
  try {
    await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(3_000) });
    return true;
  } catch {
    return false;
  }
};

/** Which of the settings a configuration of the user's own has already. The stack's is generated with all of them. */
const settingsOf = (
  own: { file: string; text: string } | undefined,
): Pick<Part, "fillFirst" | "switchProject"> => {
  if (own === undefined) return { fillFirst: true, switchProject: true };
  const { changes } = patchCliproxyapi(own.text, own.file, cliproxyapiSettings);
  const has = (key: string): boolean => !changes.some((change) => change.startsWith(`${key}:`));
  return { fillFirst: has("routing.strategy"), switchProject: has("quota-exceeded.switch-project") };
};

/** False where none is configured: then nothing of it is needed. */
export const isWanted = ({ config }: Loaded, options: AccountsOptions): boolean =>
  config.stack.cliproxyapi.enabled ||
  config.stack.cliproxyapi.config !== "" ||
  options.configFile !== undefined;

export const accountsPart = async (loaded: Loaded, options: AccountsOptions): Promise<Part> => {
  if (!isWanted(loaded, options))
    return {
      ...none,
      manual: [
        "no CLIProxyAPI is configured, which only accounts of Codex and their like need (stack.cliproxyapi.enabled: true): its lines say FAIL and count for nothing",
      ],
    };
  const blocking: string[] = [];
  const manual: string[] = [];
  try {
    const { folder, own } = accountsPlace(options);
    const port =
      own === undefined ? loaded.config.stack.cliproxyapi.port : readCliproxyapi(own.text, own.file).port;
    const service = port !== 0 && (await answers(port));
    if (!service)
      blocking.push(
        own === undefined
          ? `nothing answers on 127.0.0.1:${port}: start the services with \`switchyard up\``
          : `nothing answers on 127.0.0.1:${port}: start your CLIProxyAPI`,
      );
    const settings = settingsOf(own);
    if (!settings.fillFirst || !settings.switchProject)
      blocking.push("settings of CLIProxyAPI differ: `switchyard accounts setup` puts them right");
    const accounts = readAccounts(folder).filter(
      ({ problem, disabled }) => problem === undefined && !disabled,
    );
    const count = (wanted: number): number =>
      accounts.filter((each) => rulePriority(each) === wanted && each.priority === wanted).length;
    if (accounts.length === 0)
      manual.push("no account is logged in: a person runs `switchyard accounts login codex`");
    const unset = accounts.filter((each) => (rulePriority(each) ?? each.priority) !== each.priority).length;
    if (unset > 0)
      blocking.push(`${unset} accounts lack their priority: \`switchyard accounts priority\` sets it`);
    const disabled = loaded.config.profiles.get("codex")?.disabled;
    if (disabled !== undefined) blocking.push(`the profile codex cannot be asked: ${disabled}`);
    return {
      service,
      codex: loaded.config.profiles.has("codex") && disabled === undefined,
      ...settings,
      plus: count(100),
      pro: count(0),
      blocking,
      manual,
    };
  } catch (error) {
    return { ...none, blocking: [...blocking, messageOf(error)], manual };
  }
};
