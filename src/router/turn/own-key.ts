/** The id under which the state knows the client's own login: two users of one provider have each their own limits. */
import { createHash } from "node:crypto";
import type { OwnCredentials } from "../auth.ts";
import { noKey } from "../keys/terms.ts";

/** @returns twelve hexadecimal digits that tell nothing of it; one id for all where none came */
export const ownKeyId = (own: OwnCredentials): string => {
  const credential = own.authorization ?? own["x-api-key"];
  if (credential === undefined) return noKey;
  return createHash("sha256").update(`own ${credential}`).digest("hex").slice(0, 12);
};
