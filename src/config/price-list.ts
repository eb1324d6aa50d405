/**
 * The user's own price list: what `switchyard models update` made of a public one. It lies beside keys.env, in JSON: some thousand models, and
 * as YAML they would take a start longer than everything else of the configuration together.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemCodeOf } from "../shared/errors.ts";
import { isJsonObject, parseJsonObject } from "../shared/json.ts";
import { keysFile, type Environment } from "../shared/paths.ts";
import type { Price, Rates } from "./types.ts";

/** Prices by the name of the seller in the list, and by the seller's name for the model. */
export type SellerPrices = Readonly<Record<string, Readonly<Record<string, Price>>>>;

export interface PriceList {
  /** The file or URL that it was made of. */
  readonly source: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly sellers: SellerPrices;
}

/** `${XDG_CONFIG_HOME:-~/.config}/switchyard/prices.json`. */
export const priceListFile = (env: Environment): string => join(dirname(keysFile(env)), "prices.json");

const isAmount = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;

const rateNames = ["cacheRead", "cacheWrite", "cacheWrite1h"] as const;

const isRates = (value: unknown): value is Rates =>
  isJsonObject(value) &&
  isAmount(value["input"]) &&
  isAmount(value["output"]) &&
  rateNames.every((name) => value[name] === undefined || isAmount(value[name]));

/** Whether something is a price, with steps that are prices. */
export const isPrice = (value: unknown): value is Price => {
  if (!isRates(value)) return false;
  const { above } = value as { above?: unknown };
  if (above === undefined) return true;
  return (
    Array.isArray(above) &&
    above.every((step) => isRates(step) && isAmount((step as Rates & { tokens?: unknown }).tokens))
  );
};

/** The list of a text; undefined where it is not one of ours, or not whole. */
export const readPriceList = (text: string): PriceList | undefined => {
  const given = parseJsonObject(text);
  const { source, date, sellers } = given ?? {};
  if (typeof source !== "string" || typeof date !== "string" || !isJsonObject(sellers)) return undefined;
  const whole = Object.values(sellers).every(
    (models) => isJsonObject(models) && Object.values(models).every(isPrice),
  );
  return whole ? { source, date, sellers: sellers as SellerPrices } : undefined;
};

/** What lies in the user's place for it. */
export type FoundPriceList =
  | { readonly kind: "none" }
  | { readonly kind: "damaged" }
  | { readonly kind: "list"; readonly list: PriceList };

/** @throws the system's error where the file is there and cannot be read */
export const findPriceList = (file: string): FoundPriceList => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "none" };
    throw error;
  }
  const list = readPriceList(text);
  return list === undefined ? { kind: "damaged" } : { kind: "list", list };
};

/** Written beside and renamed: a router may be reading. */
export const writePriceList = (file: string, list: PriceList): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(list)}\n`, { mode: 0o600 });
  renameSync(beside, file);
};
