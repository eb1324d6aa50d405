/** `switchyard keys`: keys of clients, each with what it may do. Routers that run take a change within a second; none need run. */
import { join } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { knownProfile } from "../../config/known-profile.ts";
import { accessDir, accessFiles, readAccessFile } from "../../shared/access-files.ts";
import {
  budgetPeriods,
  type ClientKeyRecord,
  type ClientKeyTerms,
  createClientKey,
  parseClientKeys,
  revokeClientKey,
  rotateClientKey,
} from "../../shared/client-keys.ts";
import { changeClientKeys } from "../../shared/client-keys-file.ts";
import { configOption, loadForCommand, loadPlace } from "../configuration.ts";
import { table } from "../ui/table.ts";
import { print, say } from "./command.ts";

const day = 24 * 3_600_000;
const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: day, w: 7 * day };

/** Milliseconds of `30d`, `12h`. */
const span = (text: string): number => {
  const [, count, unit = ""] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError("Expected a span, as 30m, 12h, 30d or 4w.");
  return Number(count) * (units[unit] ?? 0);
};

/** A span from now, or a day: the key is taken until it begins in UTC. */
const expiry = (text: string): string => {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)))
    return new Date(text).toISOString();
  if (!/^\d+[mhdw]$/.test(text))
    throw new InvalidArgumentError("Expected a span, as 30d, or a day, as 2026-12-31.");
  return new Date(Date.now() + span(text)).toISOString();
};

const budget = (text: string): NonNullable<ClientKeyTerms["budget"]> => {
  const [, dollars, word] = /^(\d+(?:\.\d+)?)\/(\w+)$/.exec(text) ?? [];
  const per = budgetPeriods.find((each) => each === word);
  if (per === undefined || Number(dollars) <= 0)
    throw new InvalidArgumentError("Expected US dollars and a period, as 5/day, 20/week or 50.50/month.");
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return { limit: Number(dollars), per, timezone: timeZone };
};

const count = (text: string): number => {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1.");
  return Number(text);
};

/** Targets have a comma in them: each takes an option of its own. */
const more = (text: string, before: readonly string[]): string[] => [...before, text];

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

interface CreateOptions extends Options {
  readonly model: readonly string[];
  readonly profile: readonly string[];
  readonly budget?: NonNullable<ClientKeyTerms["budget"]>;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly metrics?: boolean;
  readonly expires?: string;
}

export const configure = (command: Command): void => {
  configOption(command.command("create"))
    .summary("make a key; it is printed once, on stdout")
    .description("Make a key. It is printed once, on stdout; only its hash is kept.")
    .argument("<name>", "whose it is: stands in the ledger, in budgets and in the log")
    .option(
      "--model <name>",
      "may use this model (provider,model or an id; * stands for anything); again for more",
      more,
      [],
    )
    .option("--profile <name>", "may use this profile; again for more", more, [])
    .option("--budget <dollars/period>", "may spend so much, as 5/day", budget)
    .option("--requests-per-minute <number>", "turns in any minute", count)
    .option("--tokens-per-minute <number>", "tokens in any minute", count)
    .option("--metrics", "may read /metrics, which tells what everybody spends")
    .option("--expires <when>", "ends after a span (30d) or on a day (2026-12-31)", expiry)
    .action(create);
  configOption(command.command("list"))
    .summary("the keys, and what each may do")
    .description("List the keys, and what each may do.")
    .option("--json", "print them as JSON")
    .action(list);
  configOption(command.command("revoke"))
    .summary("end a key")
    .description("End a key. Routers that run refuse it within a second; answers under way finish.")
    .argument("<name>", "whose it is")
    .action(revoke);
  configOption(command.command("rotate"))
    .summary("replace a key by a new one with the same terms")
    .description("Replace a key by a new one with the same terms. It is printed once, on stdout.")
    .argument("<name>", "whose it is")
    .option("--grace <span>", "so long the one before is still taken, as 24h (default: not at all)", span)
    .action(rotate);
};

const fileOf = (options: Options): string =>
  join(accessDir(loadPlace(options, say).stateDir), accessFiles.clientKeys);

/** @throws SwitchyardError profile.unknown */
const requireProfiles = (options: CreateOptions): void => {
  if (options.profile.length === 0) return;
  const { config } = loadForCommand(options);
  for (const name of options.profile) knownProfile(name, config);
};

const create = async (name: string, options: CreateOptions): Promise<void> => {
  requireProfiles(options);
  const terms: ClientKeyTerms = {
    models: options.model,
    profiles: options.profile,
    budget: options.budget ?? null,
    requestsPerMinute: options.requestsPerMinute ?? null,
    tokensPerMinute: options.tokensPerMinute ?? null,
    metrics: options.metrics ?? false,
    expiresAt: options.expires ?? null,
  };
  const made = await changeClientKeys(fileOf(options), (keys) =>
    createClientKey(keys, name, terms, Date.now()),
  );
  print(made.key);
  say(
    `the key of ${name} is printed this once; it is sent as x-switchyard-key, x-api-key, x-goog-api-key or Authorization: Bearer`,
  );
  if (made.keys.length === 1) say("with the first key every request needs one, also from this machine");
};

const revoke = async (name: string, options: Options): Promise<void> => {
  await changeClientKeys(fileOf(options), (keys) => revokeClientKey(keys, name, Date.now()));
  say(`the key of ${name} is revoked`);
};

const rotate = async (name: string, options: Options & { grace?: number }): Promise<void> => {
  const made = await changeClientKeys(fileOf(options), (keys) =>
    rotateClientKey(keys, name, options.grace ?? 0, Date.now()),
  );
  print(made.key);
  const { former } = made.record;
  say(`the key before is ${former === null ? "no longer taken" : `taken until ${former.until}`}`);
};

const stateOf = ({ revokedAt, expiresAt }: ClientKeyRecord): string => {
  if (revokedAt !== null) return `revoked ${revokedAt.slice(0, 10)}`;
  if (expiresAt === null) return "valid";
  return Date.parse(expiresAt) <= Date.now()
    ? `expired ${expiresAt.slice(0, 10)}`
    : `until ${expiresAt.slice(0, 10)}`;
};

const termsText = (record: ClientKeyRecord): string =>
  [
    ...record.models,
    ...record.profiles.map((each) => `profile ${each}`),
    ...(record.budget === null ? [] : [`${record.budget.limit} US dollars a ${record.budget.per}`]),
    ...(record.requestsPerMinute === null ? [] : [`${record.requestsPerMinute} requests a minute`]),
    ...(record.tokensPerMinute === null ? [] : [`${record.tokensPerMinute} tokens a minute`]),
    ...(record.metrics ? ["reads /metrics"] : []),
  ].join("; ") || "everything";

const list = (options: Options): void => {
  const file = fileOf(options);
  const keys = parseClientKeys(readAccessFile(file), file);
  if (options.json === true) {
    print(
      JSON.stringify(
        keys.map(({ hash: _hash, former: _former, ...shown }) => shown),
        null,
        2,
      ),
    );
    return;
  }
  if (keys.length === 0) return say("no client key was made yet: switchyard keys create NAME");
  const rows = keys.map((each) => [each.name, `…${each.ending}`, stateOf(each), termsText(each)]);
  print(table([["NAME", "KEY", "STATE", "MAY USE"], ...rows]));
};
