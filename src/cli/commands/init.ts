/** `switchyard init`: from keys to a configuration that answers, in a few questions or in none. */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { loadConfig } from "../../config/load.ts";
import { readTracked } from "../../config/preset-list.ts";
import { setSecret } from "../../config/secrets.ts";
import { readConfigSource } from "../../config/source.ts";
import { accessDir } from "../../shared/access-files.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { checkoutRoot, keysFile, projectName, stateDir } from "../../shared/paths.ts";
import { decodeText, readText } from "../../shared/text-file.ts";
import { configOption, keysOf, loadForCommand } from "../configuration.ts";
import { type Answers, keysOfText, unattended } from "../init/answers.ts";
import { draftText, heading, nameOf } from "../init/draft.ts";
import { type FoundKey, keyFinder } from "../init/keys.ts";
import { type Offer, readOffers } from "../init/offers.ts";
import { otherTools } from "../init/today.ts";
import { testProviders } from "../init/test-keys.ts";
import { importConfiguration } from "../import/index.ts";
import { plan, type Planned, write } from "../import/write.ts";
import { summary } from "../import/show.ts";
import { probeOf, type ProbeResult, probesOf } from "../probe/providers.ts";
import { print, say, setExitStatus } from "./command.ts";

interface Options {
  config?: string;
  yes?: boolean;
  force?: boolean;
  offline?: boolean;
  subscription?: boolean;
  keysStdin?: boolean;
  keysFromEnv?: boolean;
}

export const configure = (command: Command): void => {
  configOption(command)
    .option("-y, --yes", "ask nothing: take the keys that are found")
    .option("--keys-stdin", "read keys from stdin, a line NAME=value each, and keep them")
    .option("--keys-from-env", "keep the keys of this environment for later shells, too")
    .option("--subscription", "Claude's subscription serves first, with the client's own login")
    .option("--force", "with --yes: write a new configuration though there is one; the one before is kept")
    .option("--offline", "test no key")
    .addHelpText(
      "after",
      `\nEach key is tested with one small question. Keys go to ${keysFile(process.env)}, never into the configuration, and are never arguments.\nExit status 1 where keys were given and none of them works.`,
    )
    .action(run);
};

const run = async (options: Options): Promise<void> => {
  const file = resolve(options.config ?? join(checkoutRoot(), "config", "switchyard.yaml"));
  const asks = options.yes !== true && options.keysStdin !== true;
  if (asks && !process.stdin.isTTY)
    throw new SwitchyardError("usage.invalid", {
      detail: "init asks, and there is no terminal to ask on",
      hint: "--yes takes the keys that are found; --keys-stdin reads them.",
    });
  const given = options.keysStdin === true ? keysOfText(await readAll()) : new Map<string, string>();
  const before = existsSync(file) ? readText(file) : undefined;
  if (before !== undefined && options.force !== true && !(asks && (await wantsNew(file))))
    return keepIt(file, given, options);
  const { offers, tracked } = readOffers();
  const find = keyFinder(process.env);
  const login = options.subscription === true;
  const answers = asks
    ? await ask(offers, find)
    : unattended(offers, find, {
        given,
        keepFound: options.keysFromEnv === true,
        login,
        env: process.env,
      });
  if (answers.tool !== undefined)
    return takeOver(answers.tool.place, answers.tool.kind, file, before, options);
  tellOthers(offers, answers, find);
  const { kept, results } = await settle(answers, file, asks, options, (chosen) =>
    draftText(chosen, answers.login, tracked),
  );
  if (answers.offers.length > 0 && kept.offers.length === 0 && !kept.login) {
    say("no key works: nothing was written");
    return setExitStatus(1);
  }
  const after = draftText(kept.offers, kept.login, tracked);
  // What is to be read without an error is read before it is written.
  const config = loadConfig({ env: { ...process.env, ...plain(kept.values) }, file, fileText: after });
  for (const [name, value] of kept.values) setSecret(process.env, name, value);
  if (kept.values.size > 0) say(`${[...kept.values.keys()].join(", ")} kept in ${keysFile(process.env)}`);
  finish({ file, before, after, replaced: [], config });
  if (kept.offers.length === 0 && !kept.login) say("no key yet: the built-in demo provider answers");
  const left = results.filter(({ problem }) => problem !== undefined).length;
  if (left > 0 && !asks) say(`${left} of ${results.length} providers were left out: they do not answer`);
};

const plain = (values: ReadonlyMap<string, string>): Record<string, string> => Object.fromEntries(values);

const wantsNew = async (file: string): Promise<boolean> =>
  (await (await import("../init/ask.ts")).askWhatToDo(shown(file))) === "replace";

/** Where it is as people say it. */
const shown = (file: string): string => {
  const inside = relative(checkoutRoot(), file);
  return inside.startsWith("..") ? file : inside;
};

/** A configuration that is there stays: keys that were given are kept, and its providers are tested. */
const keepIt = async (file: string, given: ReadonlyMap<string, string>, options: Options): Promise<void> => {
  for (const [name, value] of given) setSecret(process.env, name, value);
  if (given.size > 0) say(`${[...given.keys()].join(", ")} kept in ${keysFile(process.env)}`);
  const { config, source } = loadForCommand({ config: file });
  say(`${shown(file)} is there already and stays as it is (--yes --force writes a new one)`);
  const probes = options.offline === true ? [] : probesOf(config);
  const results = await testProviders(readText(file), keysOf(source), probes, tellLine);
  if (results.length > 0 && results.every(({ problem }) => problem !== undefined)) setExitStatus(1);
  next();
};

const ask = async (
  offers: readonly Offer[],
  find: (name: string) => FoundKey | undefined,
): Promise<Answers> => {
  const { askKey, askOffers, askToday } = await import("../init/ask.ts");
  const { login, tool } = await askToday(otherTools(process.env));
  if (tool !== undefined) return { offers: [], login, tool, values: new Map() };
  const chosen = await askOffers(offers, find);
  const values = new Map<string, string>();
  for (const { variable } of chosen) {
    const found = find(variable);
    if (found === undefined) values.set(variable, await askKey(variable));
    // It is to be there in the next terminal, too.
    else if (!found.kept) values.set(variable, found.value);
  }
  return { offers: chosen, login, values };
};

/** Keys of other presets that are set: they have no profile to take models from. */
const tellOthers = (
  offers: readonly Offer[],
  answers: Answers,
  find: (name: string) => FoundKey | undefined,
): void => {
  const known = new Set(offers.map(({ variable }) => variable));
  const others = readTracked().presets.filter(
    ({ variable }) =>
      variable !== undefined &&
      !known.has(variable) &&
      (answers.values.has(variable) || find(variable) !== undefined),
  );
  for (const variable of new Set(others.map((each) => each.variable)))
    say(`${variable} is set too; name models of its provider yourself (docs/configuration.md)`);
};

interface Settled {
  readonly kept: Answers;
  readonly results: readonly ProbeResult[];
}

/** Tests each key until all that are left answer, or are wanted all the same. */
const settle = async (
  answers: Answers,
  file: string,
  asks: boolean,
  options: Options,
  textOf: (offers: readonly Offer[]) => string,
): Promise<Settled> => {
  const values = new Map(answers.values);
  let kept = [...answers.offers];
  const results: ProbeResult[] = [];
  let untested = options.offline === true ? [] : kept;
  while (untested.length > 0) {
    const text = textOf(kept);
    const source = readConfigSource({ env: { ...process.env, ...plain(values) }, file, fileText: text });
    const probes = untested.map((offer) => ({
      ...probeOf(offer.haiku),
      provider: nameOf(offer, answers.login),
    }));
    const round = await testProviders(text, keysOf(source), probes, tellLine);
    results.push(...round);
    const again: Offer[] = [];
    for (const [i, result] of round.entries()) {
      const offer = untested[i];
      if (offer === undefined || result.problem === undefined) continue;
      const { askAfterFailure, askKey } = await import("../init/ask.ts");
      const wish = asks ? await askAfterFailure(result, offer.variable) : "without";
      if (wish === "again") {
        values.set(offer.variable, await askKey(offer.variable));
        again.push(offer);
      } else if (wish === "without") {
        kept = kept.filter((each) => each !== offer);
        values.delete(offer.variable);
      }
    }
    untested = again;
  }
  return { kept: { ...answers, offers: kept, values }, results };
};

/** Another tool's configuration instead of answers: `switchyard import --write`. */
const takeOver = async (
  place: string,
  kind: string,
  file: string,
  before: string | undefined,
  options: Options,
): Promise<void> => {
  const find = keyFinder(process.env);
  const imported = importConfiguration(place, {
    kind,
    tracked: readTracked(),
    lookup: (name) => find(name)?.value,
  });
  const planned = plan(imported, place, file, process.env);
  print(summary(imported));
  say(`switchyard import ${place} says of each line what became of it`);
  const { secrets } = imported.draft;
  const env = { ...process.env, ...Object.fromEntries(secrets.map(({ name, value }) => [name, value])) };
  const source = readConfigSource({ env, file, fileText: planned.after });
  const probes = options.offline === true ? [] : probesOf(planned.config);
  await testProviders(planned.after, keysOf(source), probes, tellLine);
  for (const { name, value } of secrets) setSecret(process.env, name, value);
  if (secrets.length > 0)
    say(`${secrets.map(({ name }) => name).join(", ")} kept in ${keysFile(process.env)}`);
  finish({ ...planned, before });
};

const tellLine = (line: string): void => void process.stderr.write(`${line}\n`);

const finish = (planned: Planned): void => {
  const { stack } = planned.config;
  const place = stateDir(process.env, projectName(stack.project, checkoutRoot()));
  const backup = write(planned, join(accessDir(place), "config-backups"), Date.now());
  if (backup !== undefined) say(`the file before is kept as ${backup}`);
  say(`${shown(planned.file)} is written${planned.after === heading ? ": it says nothing yet" : ""}`);
  next();
};

const next = (): void =>
  print(
    [
      "Next:",
      "  bin/switchyard shell router      a shell in which `claude` asks your models (make shell-router)",
      "  bin/switchyard doctor --online   looks at everything that they need",
    ].join("\n"),
  );

const readAll = async (): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return decodeText(Buffer.concat(chunks));
};
