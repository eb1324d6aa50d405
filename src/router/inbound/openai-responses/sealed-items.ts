/**
 * Encrypted reasoning where client and provider both speak Responses: the provider's bytes pass, and only its origin can read what is encrypted in
 * them (developers.openai.com, guides, reasoning: encrypted reasoning items). So a mark of the origin is put in front of each `encrypted_content` on
 * its way to the client, which keeps the text and sends it back; the origin gets it without the mark, and no other provider gets it at all.
 */
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import type { Origin } from "../../dialects/shared/origin.ts";
import { markField, markPrefix, originMark } from "../shared/marked-field.ts";

/** @param bytes whole events, or a whole answer; the same buffer where nothing in it is encrypted */
export const markSealed = (bytes: Buffer, origin: Origin): Buffer =>
  markField(bytes, "encrypted_content", originMark(origin));

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
  const mark = originMark(origin);
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
  item["encrypted_content"].startsWith(markPrefix);

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
