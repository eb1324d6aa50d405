/**
 * Reasoning that must come back to its provider as it was: signed text of Claude's, Google's signatures, OpenAI's encrypted items, which
 * OpenRouter and gateways like it send as `reasoning_details` (openrouter.ai/docs, reasoning tokens, preserving reasoning).
 *
 * The client keeps thinking blocks and sends them back, so the details travel in the place of a block's signature (or of the data of redacted
 * thinking), and no store is needed. The envelope names its origin: provider, dialect and model family. Only there is it opened; a signature
 * without an envelope is Anthropic's own. A check sum covers the details and the block's text: they come back byte for byte, or not at all.
 */
import { isJsonObject } from "../../../shared/json.ts";
import { digestOf, originName, type Origin } from "./origin.ts";

const prefix = "switchyard.reasoning:";

/**
 * Longest envelope in characters. The client stores it and sends it with every later turn; OpenAI's longest items are far below. What is longer
 * is dropped: the model then starts its reasoning anew.
 */
const longest = 512 * 1024;

type Detail = Record<string, unknown>;

interface Envelope {
  /** Only the same provider, dialect and family understand the details. */
  origin: string;
  /** `text` and `summary` that stand in the block itself are replaced by their length. */
  details: Detail[];
  /** Over the details and the block's text. */
  check: string;
}

const textFields = ["text", "summary"] as const;

const checkOf = (details: readonly unknown[], thinking: string): string =>
  digestOf(`${JSON.stringify(details)}\0${thinking}`, 12);

/** Whether a thinking block's signature, or what a search encrypted, is an envelope of the router's, which means nothing to any provider. */
export const isEnvelope = (signature: unknown): boolean =>
  typeof signature === "string" && signature.startsWith("switchyard.");

/** Adds the pieces of one chunk: text of the same item is joined, the last of all other values counts. */
export const addDetails = (details: Detail[], pieces: unknown): void => {
  if (!Array.isArray(pieces)) return;
  for (const piece of pieces as unknown[]) {
    if (typeof piece !== "object" || piece === null) continue;
    const next = piece as Detail;
    const last = details.at(-1);
    if (last === undefined || last["type"] !== next["type"] || last["index"] !== next["index"])
      details.push({ ...next });
    else merge(last, next);
  }
};

const merge = (into: Detail, next: Detail): void => {
  for (const [name, value] of Object.entries(next)) {
    const before = into[name];
    const isText = name === "text" || name === "summary" || name === "data";
    if (isText && typeof before === "string" && typeof value === "string") into[name] = before + value;
    else if (value !== null && value !== "") into[name] = value;
  }
};

/**
 * The signature of a thinking block that carries these details; empty where they are too long to be carried.
 * @param thinking the text of that block
 * @param origin who is to get them back: the context of the answer
 */
export const toEnvelope = (details: readonly Detail[], thinking: string, origin: Origin): string => {
  const texts = details
    .flatMap((detail) => textFields.map((field) => detail[field]))
    .filter((text) => typeof text === "string");
  const short = texts.join("") === thinking ? details.map(withLengths) : [...details];
  const envelope: Envelope = { origin: originName(origin), details: short, check: checkOf(short, thinking) };
  const sealed = prefix + Buffer.from(JSON.stringify(envelope)).toString("base64url");
  return sealed.length > longest ? "" : sealed;
};

const withLengths = (detail: Detail): Detail => {
  const copy = { ...detail };
  for (const field of textFields) if (typeof copy[field] === "string") copy[field] = copy[field].length;
  return copy;
};

/** The details of a thinking block; none where it carries none, or those of another origin, or ones that were changed on the way. */
export const fromEnvelope = (signature: unknown, thinking: string, origin: Origin): Detail[] => {
  if (typeof signature !== "string" || !signature.startsWith(prefix)) return [];
  const envelope = parsed(signature.slice(prefix.length));
  if (envelope?.origin !== originName(origin) || envelope.check !== checkOf(envelope.details, thinking))
    return [];
  let at = 0;
  return envelope.details.map((detail) => {
    const copy = { ...detail };
    for (const field of textFields) {
      const length = copy[field];
      if (typeof length !== "number") continue;
      copy[field] = thinking.slice(at, at + length);
      at += length;
    }
    return copy;
  });
};

const parsed = (base64: string): Envelope | undefined => {
  try {
    const value = JSON.parse(Buffer.from(base64, "base64url").toString("utf8")) as unknown;
    return isJsonObject(value) && Array.isArray(value["details"])
      ? (value as unknown as Envelope)
      : undefined;
  } catch {
    return undefined; // cut or changed on the way
  }
};
