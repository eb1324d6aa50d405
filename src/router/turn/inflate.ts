/** Unpacks an answer that a provider packed although it was asked not to. */
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import type { Transform } from "node:stream";

/** @param encoding the `content-encoding` of the answer. Undefined where there is nothing to unpack. */
export const inflaterOf = (encoding: string): Transform | undefined => {
  switch (encoding.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    default:
      return undefined;
  }
};
