/** Reads the body of a Messages request: what the client sent the turn before is not read again. */
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import { BodyMemory } from "../conversation/body-memory.ts";
import { parseBody, validateMessagesRequest } from "./validate.ts";

const bodies = new BodyMemory();

/**
 * @param client whose key it came with
 * @throws SwitchyardError request.malformed
 */
export const readMessagesRequest = (
  raw: Buffer | undefined,
  client: ClientIdentity | undefined,
  options: { counting?: boolean } = {},
): MessagesRequest => {
  if (raw === undefined) return validateMessagesRequest(parseBody(raw), options);
  const { body, keep } = bodies.read(raw, client?.id ?? "", parseBody);
  const request = validateMessagesRequest(body, options);
  keep(request);
  return request;
};
