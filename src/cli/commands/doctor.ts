/** `switchyard doctor`: looks at what a shell needs, says what to do where something is missing, and does what is safe where it is asked to. */
import type { Command } from "commander";
import { messageOf } from "../../shared/errors.ts";
import { configOption } from "../configuration.ts";
import type { Finding } from "../doctor/check.ts";
import { checks, examine, thisMachine } from "../doctor/index.ts";
import { painter, wantsColour } from "../ui/colour.ts";
import { print, say, setExitStatus } from "./command.ts";

interface Options {
  config?: string;
  json?: boolean;
  online?: boolean;
  fix?: boolean;
}

const width = Math.max(...checks.map(({ name }) => name.length));

export const configure = (command: Command): void => {
  const listed = checks.map(
    ({ name, about, online }) => `  ${name.padEnd(width)}  ${about}${online ? " (--online)" : ""}`,
  );
  configOption(command)
    .option("--online", "ask providers too: one small question to each, which may cost a fraction of a cent")
    .option("--fix", "carry out the remedies that are safe; what is done is said")
    .option("--json", "print the findings as JSON")
    .addHelpText(
      "after",
      `\nIt looks at:\n${listed.join("\n")}\n\nExit status 1 where something must be done before a shell can work.`,
    )
    .action(run);
};

const marks = {
  ok: ["green", "✓"],
  note: ["yellow", "!"],
  bad: ["red", "✗"],
} as const;

const run = async (options: Options): Promise<void> => {
  const looked = {
    ...(options.config !== undefined && { config: options.config }),
    online: options.online === true,
  };
  let findings = await examine(await thisMachine(looked));
  // A remedy may bring to light what it hid: a file of keys that could not be read.
  if (options.fix === true && (await carryOut(findings))) findings = await examine(await thisMachine(looked));
  print(options.json === true ? asJson(findings) : findings.map(show).join("\n"));
  if (findings.some(({ state }) => state === "bad")) setExitStatus(1);
};

/** @returns whether anything was done */
const carryOut = async (findings: readonly Finding[]): Promise<boolean> => {
  let isDone = false;
  for (const { fix } of findings) {
    if (fix === undefined) continue;
    try {
      await fix.run();
      isDone = true;
      say(`done: ${fix.what}`);
    } catch (error) {
      say(`not done: ${fix.what} (${messageOf(error)})`);
    }
  }
  if (!isDone) say("there is nothing that is safe to be done by itself");
  return isDone;
};

const asJson = (findings: readonly Finding[]): string =>
  JSON.stringify(
    findings.map(({ fix, ...rest }) => ({ ...rest, ...(fix !== undefined && { fix: fix.what }) })),
    null,
    2,
  );

const show = ({ about, state, found, todo, fix }: Finding): string => {
  const [colour, mark] = marks[state];
  const indent = `\n${" ".repeat(width + 3)}`;
  const paint = painter(wantsColour(process.env, process.stdout));
  const remedy = [
    ...(todo === undefined ? [] : [`→ ${todo}`]),
    ...(fix === undefined ? [] : [`→ switchyard doctor --fix: ${fix.what}`]),
  ];
  return `${paint(colour, mark)} ${about.padEnd(width)} ${[found.replaceAll("\n", indent), ...remedy].join(indent)}`;
};
