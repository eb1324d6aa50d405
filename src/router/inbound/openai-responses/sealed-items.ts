/**
 * Encrypted reasoning where client and provider both speak Responses: the provider's bytes pass, and only its origin can read what is encrypted in
 * them (developers.openai.com, guides, reasoning: encrypted reasoning items). So a mark of the origin is put in front of each `encrypted_content` on
 * its way to the client, which keeps the text and sends it back; the origin gets it without the mark, and no other provider gets it at all.
 *
 * The mark is written into the bytes and cut out of them. Inside of a JSON string the quotes around the field's name would be escaped, so that
 * a text that quotes such an item is never taken for one.
 */
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { digestOf, originName, type Origin } from "../../dialects/shared/origin.ts";

const prefix = "switchyard.from:";
const field = Buffer.from('"encrypted_content"');
const start = /("encrypted_content"\s*:\s*")(?!")/g;

const markOf = (origin: Origin): string => `${prefix}${digestOf(originName(origin), 16)}:`;

/** @param bytes whole events, or a whole answer; the same buffer where nothing in it is encrypted */
export const markSealed = (bytes: Buffer, origin: Origin): Buffer =>
  bytes.includes(field)
    ? Buffer.from(bytes.toString("latin1").replaceAll(start, `$1${markOf(origin)}`), "latin1")
    : bytes;

export interface OpenedInput {
  /** The request's bytes without the marks of this origin. */
  readonly rawBody: Buffer | undefined;
  readonly input: readonly unknown[];
  /** Items of other origins are among those that were sent: the bytes cannot go out. */
  readonly foreign: boolean;
}

/** What this origin gets of a conversation that may hold items of several. */
export const openSealed = (
  input: readonly unknown[],
  rawBody: Buffer | undefined,
  origin: Origin,
): OpenedInput => {
  if (!input.some(isMarked)) return { rawBody, input, foreign: false };
  const mark = markOf(origin);
  const out = input.flatMap((item) => {
    if (!isMarked(item)) return [item];
    const { encrypted_content: sealed } = item;
    return sealed.startsWith(mark) ? [{ ...item, encrypted_content: sealed.slice(mark.length) }] : [];
  });
  return { rawBody: rawBody && withoutMark(rawBody, mark), input: out, foreign: out.length < input.length };
};

const isMarked = (item: unknown): item is JsonObject & { encrypted_content: string } =>
  isJsonObject(item) &&
  typeof item["encrypted_content"] === "string" &&
  item["encrypted_content"].startsWith(prefix);

const withoutMark = (bytes: Buffer, mark: string): Buffer =>
  Buffer.from(
    bytes
      .toString("latin1")
      .replaceAll(
        new RegExp(String.raw`("encrypted_content"\s*:\s*")${mark.replace(".", "[.]")}`, "g"),
        "$1",
      ),
    "latin1",
  );
