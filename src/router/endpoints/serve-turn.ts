/** What all endpoints that take turns do with a request once it is understood: decide, then run it. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { targetName, type Target } from "../../config/types.ts";
import type { MessagesRequest, Tool } from "../../protocol/anthropic.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { admit } from "../admission/admit.ts";
import { withinTerms } from "../admission/within-terms.ts";
import { withoutCredentials, type OwnCredentials } from "../auth.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import { requireProfile } from "../clients/permitted.ts";
import type { ClientForm } from "../inbound/client-form.ts";
import { observeTurn } from "../metrics/observer.ts";
import { askedOf } from "../profiles/asked.ts";
import { route } from "../rules/index.ts";
import { TurnAccount } from "../turn/account.ts";
import { agentOf, sessionOf } from "../turn/conversation.ts";
import { leftOut } from "../turn/left-out.ts";
import { Reply } from "../turn/reply.ts";
import { runTurn } from "../turn/run.ts";
import type { Turn } from "../turn/turn.ts";
import { headerText, queryOf, rawBodyOf, routeOptions, requestId, type RouterContext } from "./context.ts";

export interface UnderstoodRequest {
  /** The request in the hub's form. */
  readonly asked: MessagesRequest;
  /** Tools that do not count for the rules: the client offers them with every turn. */
  readonly unruled?: (tool: Tool) => boolean;
  readonly client: ClientForm;
  /** The model id that stands in the body's bytes. */
  readonly rawModel: string;
  /** For providers that get the client's query; default: that of the request. */
  readonly query?: string;
  readonly own: OwnCredentials;
  /** Whose key it came with; undefined where none is needed. */
  readonly asker: ClientIdentity | undefined;
  /** The targets that can do what is asked, of those that the rules give; throws where none can. */
  able?(targets: readonly Target[]): readonly Target[];
  /** More headers of the answer. @param target the name of the target that answers */
  headers?(target: string): Record<string, string>;
}

/** @throws SwitchyardError as long as nothing was sent */
export const serveTurn = async (
  context: RouterContext,
  request: FastifyRequest,
  reply: FastifyReply,
  understood: UnderstoodRequest,
): Promise<void> => {
  const at = Date.now();
  const { pool, state, log, redact, flights } = context;
  const { asked, client, asker } = understood;
  const under = askedOf(request, context, asker);
  const { config, profile } = under;
  requireProfile(asker, profile);
  // A variable that was mixed up: it would go to a provider as its model, and be kept.
  if (redact(asked.model) !== asked.model)
    throw new SwitchyardError("request.malformed", {
      detail: "model: a key stands where the name of a model should",
      hint: "Look at ANTHROPIC_MODEL and the client's settings.",
    });
  /** What a client names itself by is kept. */
  const named = (name: string | undefined): string | null => (name === undefined ? null : redact(name));
  const rawBody = rawBodyOf(request);
  const headers = withoutCredentials(request.headers);
  const { unruled } = understood;
  const ruled =
    unruled === undefined || asked.tools === undefined
      ? asked
      : { ...asked, tools: asked.tools.filter((tool) => !unruled(tool)) };
  const decision = await route(ruled, headers, config, routeOptions(request, context, under, asker));
  const size = rawBody?.length ?? 0;
  const able = understood.able?.(decision.targets) ?? decision.targets;
  const id = requestId();
  const admission = await admit({
    turn: id,
    config,
    state,
    log,
    client: asker,
    profile,
    request: decision.request,
    targets: able,
    size,
    atEnd: () => context.config,
  });
  const { targets } = admission;
  const progress: Turn["progress"] = { target: targetName(targets[0]!), attempts: 0, skipped: [] };
  const account = new TurnAccount(
    {
      id,
      at,
      session: named(sessionOf(asked, headers)),
      agent: named(agentOf(headers)),
      profile: named(profile),
      clientKey: asker?.name ?? null,
      client: client.name,
      asked: asked.model,
      rule: decision.rule,
      stream: asked.stream === true,
      why: decision.why,
      skipped: () => [
        ...leftOut({
          config,
          client: asker,
          asked: decision.request.model,
          wanted: decision.wanted,
          on: decision.targets,
          able,
          admitted: targets,
          budget: admission.spared,
        }),
        ...progress.skipped,
      ],
    },
    targets[0]!,
    {
      config,
      ledger: context.ledger,
      live: context.live,
      observe: (record, ruling) => observeTurn(context, record, ruling),
      admission,
      capture: context.captures?.begin(id),
    },
  );
  if (rawBody !== undefined) account.asked(rawBody);
  reply.hijack();
  const { headerHold, pingInterval, stallTimeout } = config.server;
  const answer = new Reply(reply.raw, {
    headerHold,
    pingInterval,
    stallTimeout,
    form: client,
    wrote: (part) => account.wrote(part),
    ending: (outcome, status) => account.end(outcome, status),
    headers: () => ({
      "request-id": id,
      "x-switchyard-rule": headerText(decision.rule),
      "x-switchyard-target": headerText(progress.target),
      "x-switchyard-attempts": String(progress.attempts),
      ...(admission.spared !== undefined && { "x-switchyard-budget": headerText(admission.spared) }),
      ...understood.headers?.(progress.target),
      ...(flights.draining && { connection: "close" }),
    }),
  });
  flights.cutBy(reply.raw, (failure) => answer.cut(failure));
  try {
    await runTurn({
      id,
      config: withinTerms(config, asker, decision.request.model),
      client,
      request: ruled === asked ? decision.request : { ...decision.request, tools: asked.tools! },
      rawBody: sameButModel(decision.request, asked) ? rawBody : undefined,
      rawModel: understood.rawModel,
      headers,
      query: understood.query ?? queryOf(request),
      own: understood.own,
      rule: decision.rule,
      targets,
      choose: decision.choose,
      size,
      reply: answer,
      pool,
      state,
      log,
      redact,
      account,
      progress,
    });
  } finally {
    // Where the turn has told what it used, this does nothing.
    await admission.release();
  }
};

/** What was taken out of a request (the router's tags) was taken out of its messages or its system prompt. */
const sameButModel = (request: MessagesRequest, asked: MessagesRequest): boolean =>
  request.messages === asked.messages && request.system === asked.system;
