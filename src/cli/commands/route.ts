import { usableProfile } from "../../config/known-profile.ts";
/** `switchyard route FILE`: asks a router of our own, over HTTP, which rule would decide a saved request. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { startBackendProcess } from "../../fuse/backend-process.ts";
import { routerCommand } from "../../fuse/host-backends.ts";
import { backends } from "../../shared/backends.ts";
import { accessDir, adminHeader, readMachineSecret } from "../../shared/access-files.ts";
import { errorTable, SwitchyardError, systemCodeOf } from "../../shared/errors.ts";
import { sessionKeyVariable } from "../../shared/session-key.ts";
import { configOption, keysOf, loadForCommand } from "../configuration.ts";
import { print } from "./command.ts";

interface Decision {
  rule: string;
  targets: string[];
  tokens: number;
  why: { rule: string; matched: boolean; reason: string }[];
}

export const configure = (command: Command): void => {
  configOption(command)
    .argument("<file>", "a request body of the Messages API as JSON; - reads stdin")
    .option(
      "-H, --header <name: value>",
      "a header of the request, for rules that look at one; may be given more than once",
      (given: string, before: readonly string[]) => [...before, given],
      [],
    )
    .option("-p, --profile <name>", "as it is asked under /p/NAME/")
    .option("--json", "print the decision as JSON")
    .addHelpText("after", "\nNo provider is called.")
    .action(run);
};

const run = async (
  file: string,
  options: { config?: string; header: string[]; profile?: string; json?: boolean },
): Promise<void> => {
  const body = readRequest(file);
  const headers = headersOf(options.header);
  const loaded = loadForCommand(options);
  if (options.profile !== undefined) usableProfile(options.profile, loaded.config);
  const prefix = options.profile === undefined ? "" : `/p/${options.profile}`;
  const key = randomBytes(24).toString("hex");
  const router = await startBackendProcess({
    backend: backends.router,
    argv: (port) => routerCommand(loaded, port),
    env: Object.fromEntries(
      Object.entries(process.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])),
    ),
    stdin: JSON.stringify({ ...keysOf(loaded.source), [sessionKeyVariable]: key }),
  });
  try {
    const answer = await fetch(`${router.url}${prefix}/api/route`, {
      method: "POST",
      headers: {
        ...headers,
        "content-type": "application/json",
        [adminHeader]: readMachineSecret(accessDir(loaded.stateDir)) ?? "",
      },
      body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new SwitchyardError("request.malformed", { detail: messageIn(text), hint: "" });
    print(options.json === true ? text : describe(JSON.parse(text) as Decision));
  } finally {
    await router.stop();
  }
};

/** @throws SwitchyardError usage.invalid */
const headersOf = (given: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([\w-]+)\s*:\s*([\x20-\x7e]*)$/.exec(text) ?? [];
      if (name !== undefined && value !== undefined) return [name.toLowerCase(), value];
      throw new SwitchyardError("usage.invalid", {
        detail: `--header ${text} is no header`,
        hint: 'Write it as "x-claude-code-agent-id: a1".',
      });
    }),
  );

const readRequest = (file: string): Buffer => {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch (error) {
    throw new SwitchyardError("usage.invalid", {
      detail: `${file} cannot be read (${systemCodeOf(error) ?? "unknown"})`,
      hint: "Name a file with a request body.",
      cause: error,
    });
  }
};

const messageIn = (text: string): string => {
  try {
    const { message } = (JSON.parse(text) as { error: { message: string } }).error;
    // The router's own sentence begins as ours does.
    return message.replace(`${errorTable["request.malformed"].message}: `, "");
  } catch {
    return text.slice(0, 300);
  }
};

const describe = (decision: Decision): string => {
  const width = Math.max(...decision.why.map(({ rule }) => rule.length));
  return [
    `rule     ${decision.rule}`,
    `targets  ${decision.targets.join(", then ")}`,
    `tokens   ${decision.tokens}`,
    "why",
    ...decision.why.map(
      ({ rule, matched, reason }) => `  ${matched ? "✓" : "·"} ${rule.padEnd(width)}  ${reason}`,
    ),
  ].join("\n");
};
