/**
 * Opaque fields of an answer that passes as bytes, with a mark of their origin in front: the client keeps the text and sends it back; the origin gets it
 * without the mark, and no other provider gets it at all.
 *
 * The mark is written into the bytes. Inside of a JSON string the quotes around the field's name would be escaped, so that a text that quotes
 * such a field is never taken for one.
 */
import { digestOf, originName, type Origin } from "../../dialects/shared/origin.ts";

export const markPrefix = "switchyard.from:";

/** 33 characters: {@link markPrefix}, a digest of the origin, a colon. */
export const originMark = (origin: Origin): string => `${markPrefix}${digestOf(originName(origin), 16)}:`;

/**
 * Puts a mark in front of each value of a field that is a text, and not empty.
 * @param bytes whole events, or a whole answer; the same buffer is returned where it has no such field
 * @param name of letters and underscores; @param mark without `$`
 */
export const markField = (bytes: Buffer, name: string, mark: string): Buffer =>
  bytes.includes(`"${name}"`)
    ? Buffer.from(
        bytes
          .toString("latin1")
          .replaceAll(new RegExp(String.raw`("${name}"\s*:\s*")(?!")`, "g"), `$1${mark}`),
        "latin1",
      )
    : bytes;
