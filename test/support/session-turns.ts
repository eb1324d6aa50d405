/** Plays a conversation turn by turn, as a client sends it, and compares what a provider gets with what it would get if nothing were kept from turn to turn. */
import type { Message, MessagesRequest } from "../../src/protocol/anthropic.ts";
import { BodyMemory } from "../../src/router/conversation/body-memory.ts";
import type { DialectContext } from "../../src/router/dialects/dialect.ts";
import { countRequestTokens } from "../../src/router/tokens/count.ts";
import { httpDialect, type Target } from "./targets.ts";

const parse = (raw: Buffer): unknown => JSON.parse(raw.toString("utf8"));

/** Whoever changes something that lasts is found out. */
const frozen = <Value>(value: Value): Value => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
};

/** As clients do: the marker stands on the last message alone, and moves with each turn. */
const marked = (messages: readonly Message[]): Message[] =>
  messages.map((message, i) =>
    i === messages.length - 1 && typeof message.content === "string"
      ? {
          ...message,
          content: [{ type: "text", text: message.content, cache_control: { type: "ephemeral" } }],
        }
      : message,
  );

/** The bodies of the turns that led to a request, the last one twice. */
export const turnsOf = (request: MessagesRequest): Buffer[] =>
  [...request.messages.keys(), request.messages.length - 1].map((last) =>
    Buffer.from(JSON.stringify({ ...request, messages: marked(request.messages.slice(0, last + 1)) })),
  );

/** A memory that is asked as the endpoint asks it. */
export const sessionReader = (
  memory = new BodyMemory({ shortest: 0 }),
): ((raw: Buffer) => MessagesRequest) => {
  return (raw) => {
    const { body, keep } = memory.read(raw, "", parse);
    keep(body as MessagesRequest);
    return frozen(body as MessagesRequest);
  };
};

/**
 * @param contexts for each target, the same from turn to turn
 * @returns a line for each difference
 */
export const differences = async (
  request: MessagesRequest,
  contexts: readonly { readonly target: Target; readonly context: DialectContext }[],
): Promise<string[]> => {
  const read = sessionReader();
  const found: string[] = [];
  for (const [turn, raw] of turnsOf(request).entries()) {
    const kept = read(raw);
    const plain = parse(raw) as MessagesRequest;
    if (JSON.stringify(kept) !== JSON.stringify(plain)) found.push(`turn ${turn}: it was read otherwise`);
    if ((await countRequestTokens(kept)) !== (await countRequestTokens(plain)))
      found.push(`turn ${turn}: other tokens were counted`);
    for (const { target, context } of contexts) {
      const dialect = httpDialect(target.dialect);
      const [sent, meant] = [kept, plain].map((each) => dialect.encode(each, { ...context, request: each }));
      if (String(sent!.body) !== String(meant!.body))
        found.push(`turn ${turn}, ${target.name}:\n${String(sent!.body)}\n${String(meant!.body)}`);
    }
  }
  return found;
};
