/** How a key of a client is known where the key itself must not be. */
import { createHash } from "node:crypto";

/** Twelve hex digits. */
export const clientKeyId = (key: string): string =>
  createHash("sha256").update(`client\n${key}`).digest("hex").slice(0, 12);
