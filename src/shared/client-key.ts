/** How a key of a client is known where the key itself must not be. */
import { createHash } from "node:crypto";

/** Twelve hex digits. */
export const clientKeyId = (key: string): string =>
  createHash("sha256").update(`client\n${key}`).digest("hex").slice(0, 12);

/** Of a key made by `switchyard keys`, by its name: limits, budgets and rules go on over a rotation. */
export const madeKeyId = (name: string): string => clientKeyId(`/made ${name}`);
