/** What is said to a client of OpenAI's endpoints whose request cannot be served as it is. */
import { SwitchyardError } from "../../../shared/errors.ts";

/** @throws SwitchyardError request.malformed. @param detail where and what was found */
export const refuse = (detail: string): never => {
  throw new SwitchyardError("request.malformed", { detail, hint: "" });
};

/**
 * What of a request goes beyond the hub.
 * `unsupported`: only a provider of the client's own protocol can do it, and to leave it out would give a wrong answer.
 * `ignored`: it is left out, and the answer's headers say so.
 */
export class Beyond {
  readonly unsupported = new Set<string>();
  readonly ignored = new Set<string>();
}
