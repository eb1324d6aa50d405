/** What the endpoints of clients of OpenAI's and Google's protocols have in common: the model's suffix, targets that can do what is asked, what is left out. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { targetName, type Config, type Target } from "../../config/types.ts";
import type { MessagesRequest, Tool } from "../../protocol/anthropic.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { OwnCredentials } from "../auth.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import { speaksSame, type ClientForm } from "../inbound/client-form.ts";
import { passesBytes } from "../inbound/shared/native.ts";
import type { Beyond } from "../inbound/shared/refusal.ts";
import { withThinking, withoutThinkingSuffix } from "../inbound/shared/thinking.ts";
import { askedOf } from "../profiles/asked.ts";
import { headerText, type RouterContext } from "./context.ts";
import { serveTurn } from "./serve-turn.ts";

export interface ForeignRequest {
  readonly request: MessagesRequest;
  readonly beyond: Beyond;
  readonly client: ClientForm;
  readonly own: OwnCredentials;
  readonly asker: ClientIdentity | undefined;
}

export const serveForeign = async (
  context: RouterContext,
  request: FastifyRequest,
  reply: FastifyReply,
  decoded: ForeignRequest,
): Promise<void> => {
  const { client, own, asker, beyond } = decoded;
  const { config } = askedOf(request, context, asker);
  const { model, thinking } = withoutThinkingSuffix(decoded.request.model, config);
  const plain = model === decoded.request.model ? decoded.request : { ...decoded.request, model };
  const same = (target: Target): boolean => passesTo(target, { client, request: plain }, config);
  const leftOut = new Map<string, readonly string[]>();
  await serveTurn(context, request, reply, {
    asked: thinking ? withThinking(plain) : plain,
    client,
    rawModel: decoded.request.model,
    ...(client.name === "gemini" && { query: "" }),
    ...(offersSearch(plain) && { unruled: isSearch }),
    own,
    asker,
    able: (targets) => {
      for (const target of targets)
        leftOut.set(targetName(target), same(target) ? [] : ignoredAt(target, { client, beyond }, config));
      return ableTargets(targets, beyond, same);
    },
    headers: (target) => {
      const names = leftOut.get(target) ?? [...beyond.ignored];
      return names.length === 0 ? {} : { "x-switchyard-ignored": headerText(names.join(", ")) };
    },
  });
};

/** What of an answer is lost where the router writes it. */
const ofTheAnswer = new Set(["logprobs", "top_logprobs"]);

/** What a target is not sent, or the client does not get of it. A body of Chat Completions or of Google's form that is written anew keeps the client's other fields. */
const ignoredAt = (
  target: Target,
  { client, beyond }: { client: ClientForm; beyond: Beyond },
  config: Config,
): readonly string[] => {
  const dialect = config.providers.get(target.provider)?.dialect ?? "";
  const keeps = client.name !== "openai-responses" && speaksSame(client, { name: dialect });
  return [...beyond.ignored].filter((name) => !keeps || ofTheAnswer.has(name));
};

const isSearch = (tool: Tool): boolean => tool.type?.startsWith("web_search") === true;

/**
 * Codex offers a search beside its own tools with every turn: that makes no turn one of searching, and the rule for those is not asked. A search
 * that is the only tool, or the chosen one, is what the request is about.
 */
const offersSearch = ({ tools = [], tool_choice: choice }: MessagesRequest): boolean =>
  tools.some(isSearch) && !tools.every(isSearch) && choice?.name !== "web_search";

/** Whether a target gets the client's own body. */
const passesTo = (
  target: Target,
  { client, request }: { client: ClientForm; request: MessagesRequest },
  config: Config,
): boolean => {
  const provider = config.providers.get(target.provider);
  return (
    provider !== undefined &&
    speaksSame(client, { name: provider.dialect }) &&
    passesBytes({ provider, request })
  );
};

/**
 * What the hub cannot carry, a target of the client's own protocol can still do.
 * @throws SwitchyardError request.malformed, where no target is left
 */
const ableTargets = (
  targets: readonly Target[],
  beyond: Beyond,
  same: (target: Target) => boolean,
): readonly Target[] => {
  if (beyond.unsupported.size === 0) return targets;
  const able = targets.filter(same);
  if (able.length > 0) return able;
  throw new SwitchyardError("request.malformed", {
    detail: `${targetName(targets[0]!)} cannot do this: ${[...beyond.unsupported].join(", ")}`,
    hint: "Leave it out, or choose a model whose provider speaks this protocol itself.",
  });
};
