/** `switchyard models`: what the models of the configuration cost, and where the figures come from. */
import type { Command } from "commander";
import { modelInfoOf } from "../../config/model-info.ts";
import { readPublicList } from "../../config/price-list-forms.ts";
import { type PriceList, priceListFile, writePriceList } from "../../config/price-list.ts";
import { treeAt } from "../../config/tree.ts";
import { targetName, type Target } from "../../config/types.ts";
import { usedTargets } from "../../config/used-targets.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { ollamaAddress, providerAt } from "../models/ollama-address.ts";
import { progressTeller, pullModel } from "../models/pull.ts";
import { configOption, loadForCommand, type Loaded } from "../configuration.ts";
import { fetchList, shownPlace } from "../fetch-list.ts";
import { table } from "../ui/table.ts";
import { print, say } from "./command.ts";

const lists = [
  "https://models.dev/api.json",
  "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",
];

export const configure = (command: Command): void => {
  configOption(command.command("list", { isDefault: true }))
    .summary("the models of your configuration, with window and price")
    .description("List the models of your configuration: window, and US dollars per million tokens.")
    .option("--json", "as JSON")
    .action(list);
  configOption(command.command("update"))
    .summary("take prices from a public list: a file or a URL")
    .description("Take prices from a public list, in the form of models.dev or of LiteLLM.")
    .argument("<list>", "FILE or URL")
    .addHelpText(
      "after",
      `\nKnown lists:\n  ${lists.join("\n  ")}\nThey are kept in ${priceListFile(process.env)}`,
    )
    .action(update);
  configOption(command.command("pull"))
    .summary("fetch a model into Ollama")
    .description("Fetch a model into the stack's Ollama (stack.ollama), or into the one on this machine.")
    .argument("<name>", "as Ollama's library has it: qwen3-coder:30b")
    .option("--host", "into the one on this machine (OLLAMA_HOST), also where the stack has one")
    .action(pull);
};

/** @throws SwitchyardError models.pull, usage.invalid */
const pull = async (name: string, options: { config?: string; host?: boolean }): Promise<void> => {
  const { config } = loadForCommand(options);
  if (config.stack.ollama.enabled && config.stack.ollama.port === 0 && options.host !== true)
    throw new SwitchyardError("usage.invalid", {
      detail: "stack.ollama.port is 0: which port it took is not known here",
      hint: "Give it a port, and run make up again.",
    });
  const address = ollamaAddress(config, process.env, options.host === true);
  const isTerminal = process.stderr.isTTY;
  await pullModel(
    address,
    name,
    progressTeller(isTerminal, (text) => void process.stderr.write(text)),
  );
  const provider = providerAt(config, address);
  if (provider === undefined)
    return say(`no provider of your configuration asks ${address}: add one with preset ollama`);
  print(`${provider},${name}`);
};

/** Where the price of a target comes from. */
const originOf = ({ source }: Loaded, target: Target, price: unknown): string => {
  if (price === undefined) return "unknown";
  for (const key of [targetName(target), target.model])
    if (treeAt(source.tree, ["models", key, "price"]) !== undefined) return "your configuration";
  const listed = Object.values(source.prices?.sellers ?? {}).some((models) => models[target.model] === price);
  return listed ? `price list of ${source.prices?.date ?? ""}` : "config/models.yaml";
};

/** The first place, and how many there are beside it. */
const shortly = ([first = "", ...more]: readonly string[]): string =>
  more.length === 0 ? first : `${first} +${more.length}`;

const list = (options: { config?: string; json?: boolean }): void => {
  const loaded = loadForCommand(options);
  const rows = usedTargets(loaded.config).flatMap(({ target, where }) => {
    // Of these nobody asks for money, or the model is whatever was asked for.
    if (target.model === "*" || loaded.config.providers.get(target.provider)?.dialect === "demo") return [];
    const { context = null, price } = modelInfoOf(loaded.config, target) ?? {};
    return [
      {
        target: targetName(target),
        context,
        price: price ?? null,
        from: originOf(loaded, target, price),
        where,
      },
    ];
  });
  if (options.json === true) return print(JSON.stringify(rows, undefined, 2));
  say("prices in US dollars for a million tokens; STEPS: above so many tokens of input they are higher");
  const amount = (value: number | undefined): string => (value === undefined ? "" : String(value));
  print(
    table([
      ["MODEL", "WINDOW", "INPUT", "OUTPUT", "CACHE READ", "CACHE WRITE", "STEPS", "FROM", "USED BY"],
      ...rows.map(({ target, context, price, from, where }) => [
        target,
        context === null ? "" : String(context),
        price === null ? "unknown" : amount(price.input),
        price === null ? "unknown" : amount(price.output),
        amount(price?.cacheRead),
        amount(price?.cacheWrite),
        (price?.above ?? []).map(({ tokens }) => `>${tokens}`).join(" "),
        from,
        shortly(where),
      ]),
    ]),
  );
};

/** Names in price lists of every preset and of the configured providers. */
const sellersOf = ({ source }: Loaded): Set<string> => {
  const names = new Set<string>();
  const providers = treeAt(source.tree, ["providers"]);
  for (const providerTree of [source.presets, providers])
    for (const [, { value }] of providerTree?.kind === "map" ? providerTree.entries : []) {
      const given = treeAt(value, ["priceList"]);
      for (const item of given?.kind === "list" ? given.items : [])
        if (item.kind === "scalar") names.add(String(item.value));
    }
  return names;
};

const update = async (place: string, options: { config?: string }): Promise<void> => {
  const loaded = loadForCommand(options);
  const read = readPublicList(await fetchList(place, process.env), sellersOf(loaded));
  const counts = Object.values(read?.sellers ?? {}).map((models) => Object.keys(models).length);
  const count = counts.reduce((sum, each) => sum + each, 0);
  if (read === undefined || count === 0) {
    throw new SwitchyardError("usage.invalid", {
      detail:
        read === undefined
          ? `${shownPlace(place)} is no price list of a known form`
          : `${shownPlace(place)} has no price of a known provider`,
      hint: `Take one of these, or a file of their form: ${lists.join(", ")}. What was there before stays.`,
    });
  }
  const made: PriceList = {
    source: shownPlace(place),
    date: new Date().toISOString().slice(0, 10),
    sellers: read.sellers,
  };
  writePriceList(priceListFile(process.env), made);
  say(
    `${count} prices of ${counts.length} providers (form of ${read.form}) are kept in ${priceListFile(process.env)}; routers that run take them up`,
  );
  for (const [why, models] of Object.entries(read.left)) say(`left out: ${models} models ${why}`);
};
