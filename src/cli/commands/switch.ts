/** `switchyard switch`: has the running client ask another target. */
import type { Command } from "commander";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Target } from "../../stack/target.ts";
import { configOption, loadForCommand } from "../configuration.ts";
import { openStack } from "../stack/stack.ts";
import { switchTarget } from "../stack/switch.ts";

interface Options {
  config?: string;
  url?: string;
  tokenEnv?: string;
  recreate?: boolean;
  force?: boolean;
  dryRun?: boolean;
}

export const configure = (command: Command): void => {
  configOption(command)
    .argument("[target]", "router, litellm, or another service of the stack")
    .option("--url <url>", "a provider's own Anthropic endpoint instead")
    .option(
      "--token-env <name>",
      "variable that holds the token for --url; without it your own login is sent",
    )
    .option("--recreate", "replace the client's container too: its sessions end, its environment agrees")
    .option("--force", "switch though the target is not healthy, without asking it")
    .option("--dry-run", "print what would be done, each step with its cause")
    .addHelpText(
      "after",
      "\nA session that runs moves with its next message. Where the target does not answer, the old state stands.",
    )
    .action(run);
};

/** An address as the client needs it. @throws SwitchyardError usage.invalid */
const checkedUrl = (text: string): string => {
  const wrong = (why: string): SwitchyardError =>
    new SwitchyardError("usage.invalid", {
      detail: `--url ${why}`,
      hint: "Such as https://api.example.com/anthropic: up to where /v1/messages is added.",
    });
  if (!URL.canParse(text)) throw wrong("is no URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw wrong("is neither https:// nor http://");
  if (url.username !== "" || url.password !== "")
    throw wrong("holds credentials; name their variable: --token-env");
  if (url.search !== "" || url.hash !== "") throw wrong("holds more than an address: nothing may follow it");
  // A line break in it would be one in the files of the client.
  return url.href.replace(/\/+$/, "");
};

/** @throws SwitchyardError usage.invalid without repeating what was given: it may be the token */
const checkedName = (name: string): string => {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw new SwitchyardError("usage.invalid", {
    detail: "--token-env takes the name of a variable, not the token itself",
    hint: "Such as --token-env EXAMPLE_KEY; set it with: switchyard secrets set EXAMPLE_KEY",
  });
};

const targetOf = (name: string | undefined, options: Options): Target => {
  if ((name === undefined) === (options.url === undefined)) {
    throw new SwitchyardError("usage.invalid", {
      detail: name === undefined ? "no target is named" : "a target and --url are both given",
      hint: "switchyard switch router|litellm|<service>, or switchyard switch --url URL",
    });
  }
  if (options.url === undefined) {
    if (options.tokenEnv !== undefined)
      throw new SwitchyardError("usage.invalid", { detail: "--token-env belongs to --url" });
    return { kind: "service", service: name ?? "" };
  }
  const { tokenEnv } = options;
  return {
    kind: "url",
    url: checkedUrl(options.url),
    ...(tokenEnv !== undefined && { tokenEnv: checkedName(tokenEnv) }),
  };
};

const run = async (name: string | undefined, options: Options): Promise<void> => {
  const to = targetOf(name, options);
  await switchTarget(await openStack(loadForCommand(options)), {
    to,
    recreate: options.recreate === true,
    force: options.force === true,
    dryRun: options.dryRun === true,
  });
};
