/** What the router itself answers to `/router …` inside of the client: with the rights of the client's key, for its session alone. No model is asked. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { noProfileNames } from "../../config/resolve-profiles.ts";
import { targetName } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { toldOf } from "../../shared/told.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import { mayUse, requireProfile } from "../clients/permitted.ts";
import { requestId, type RouterContext } from "../endpoints/context.ts";
import { restingByProvider } from "../endpoints/state.ts";
import { askedOf, defaultProfileOf, requireUsable } from "../profiles/asked.ts";
import { rulesOf } from "../rules/index.ts";
import { MessageCollector } from "../sinks/message-collector.ts";
import { StreamSink } from "../sinks/stream-sink.ts";

interface Command {
  readonly context: RouterContext;
  readonly request: FastifyRequest;
  readonly asker: ClientIdentity | undefined;
  /** Behind the command's name. */
  readonly words: readonly string[];
}

const help = "`/router status`, `/router rules`, `/router use PROFILE` (`default`: as without a choice).";

const status = async ({ context, request, asker }: Command): Promise<string> => {
  const { config } = context;
  const { profile } = askedOf(request, context, asker);
  const chosen = context.sessionProfiles.of(request.headers, asker);
  const usual = defaultProfileOf(context);
  const resting = await restingByProvider(context);
  const providers = [...config.providers.values()].map(({ name, disabled }) => {
    const rests = resting.get(name) ?? 0;
    return `- ${name}: ${disabled === undefined ? (rests > 0 ? `${rests} of its keys or models rest` : "ready") : `off (${disabled})`}`;
  });
  return [
    `Profile of this session: ${profile ?? "none"}${chosen === undefined ? "" : ", chosen here"}. Default: ${usual ?? "none"}.`,
    `Profiles: ${
      [...config.profiles.values()]
        .filter(({ disabled }) => disabled === undefined)
        .map(({ name }) => name)
        .join(", ") || "none"
    }.`,
    "",
    "Providers:",
    ...providers,
  ].join("\n");
};

const rules = ({ context, request, asker }: Command): string => {
  const { config, profile } = askedOf(request, context, asker);
  const lines = rulesOf(config).flatMap(({ name }) => {
    const route = config.routes[name as keyof typeof config.routes];
    if (route === undefined) return [];
    const targets = route.use.filter((target) => mayUse(asker, target, config)).map(targetName);
    const above = route.threshold === undefined ? "" : ` (above ${route.threshold} tokens)`;
    return [`- ${name}${above}: ${targets.join(", then ") || "nothing that your key may use"}`];
  });
  const own = config.custom?.rules.map(({ name }) => name) ?? [];
  return [
    `Rules of ${profile === undefined ? "the configuration" : `the profile ${profile}`}; the first that matches decides. A model that is named as provider,model goes before.`,
    ...(own.length === 0 ? [] : [`- your own: ${own.join(", ")}`]),
    ...lines,
  ].join("\n");
};

const use = async ({ context, request, asker, words }: Command): Promise<string> => {
  const [, name, ...more] = words;
  if (name === undefined || more.length > 0) return `Name one profile. ${help}`;
  const chosen = noProfileNames.includes(name) ? undefined : name;
  if (chosen !== undefined) {
    requireUsable(chosen, context.config);
    requireProfile(asker, chosen);
  }
  if (!(await context.sessionProfiles.choose(request.headers, asker, chosen)))
    return "This client does not say of which session a message is: choose with `switchyard claude --profile`.";
  return chosen === undefined
    ? "This session goes without a choice of its own again, from its next message on."
    : `This session goes by the profile ${chosen} from its next message on, until the router restarts. Other sessions stay as they are; limits of the client itself, too.`;
};

const commands: Readonly<Record<string, (command: Command) => string | Promise<string>>> = {
  status,
  rules,
  use,
};

const answerTo = async (command: Command): Promise<string> => {
  const [name = "status"] = command.words;
  const run = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (run === undefined) return `There is no such command. ${help}`;
  try {
    return await run(command);
  } catch (error) {
    // What was asked for in words is refused in words.
    if (error instanceof SwitchyardError) return toldOf(error);
    throw error;
  }
};

/** Answers as a model would, in the form that was asked for. */
export const answerSessionCommand = async (
  command: Command,
  { model, stream }: Pick<MessagesRequest, "model" | "stream">,
  reply: FastifyReply,
): Promise<void> => {
  const text = await answerTo(command);
  const sink = stream === true ? new StreamSink(model) : new MessageCollector(model);
  sink.start({ model });
  sink.text(text);
  sink.finish({ stopReason: "end_turn", usage: { input_tokens: 0, output_tokens: 0 } });
  void reply
    .header("request-id", requestId())
    .header("x-switchyard-rule", "command")
    .header("x-switchyard-target", "router")
    .header("x-switchyard-attempts", "0");
  if (sink instanceof StreamSink)
    await reply
      .header("content-type", "text/event-stream; charset=utf-8")
      .header("cache-control", "no-cache")
      .send(sink.take());
  else await reply.send(sink.message());
};
