/** Which targets of a route are tried, and in which order: known before anybody is called. */
import { modelInfoOf } from "../../config/model-info.ts";
import {
  targetName,
  type Config,
  type ModelInfo,
  type Target,
  type RouteChoice,
} from "../../config/types.ts";
import type { ContentBlock, MessagesRequest } from "../../protocol/anthropic.ts";
import { measuredSpeed } from "../keys/speed.ts";
import type { RouterState } from "../state/state.ts";
import { withoutSwitchedOff } from "../switches/targets.ts";
import { countRequestTokens } from "../tokens/count.ts";

export interface Asked {
  readonly config: Config;
  readonly request: MessagesRequest;
  readonly targets: readonly Target[];
  readonly choose: RouteChoice;
  readonly state: RouterState;
  /** Size of the body that the request came in. */
  readonly rawBytes: number;
}

export interface Candidates {
  /** In the order in which they are to be tried. */
  readonly targets: readonly Target[];
  /** Those that are left out, with the reason: they could not take the request, and others can. */
  readonly skipped: readonly { target: Target; reason: string }[];
}

/**
 * The targets in the order of the route's `choose`, without those that cannot take the request: no tools, no eyes, a window that is too small. Where
 * none can, all stay: the estimate may be wrong, an image may do without being seen, and the provider's own refusal says more.
 */
export const candidatesOf = async (asked: Asked): Promise<Candidates> => {
  const on = await withoutSwitchedOff(asked.state, asked.targets);
  if (on.targets.length < 2) return on;
  const { skipped, ...order } = await ableOf({ ...asked, targets: on.targets });
  return { ...order, skipped: [...on.skipped, ...skipped] };
};

const ableOf = async (asked: Asked): Promise<Candidates> => {
  const needs = await needsOf(asked);
  const skipped: { target: Target; reason: string }[] = [];
  const able = asked.targets.filter((target) => {
    const reason = lackOf(asked.config, target, needs);
    if (reason !== undefined) skipped.push({ target, reason });
    return reason === undefined;
  });
  if (able.length === 0) return { targets: await inOrder(asked, asked.targets), skipped: [] };
  return { targets: await inOrder(asked, able), skipped };
};

interface Needs {
  readonly images: boolean;
  /** Input tokens, where they may matter, else 0; of more than the largest window at least so many. */
  readonly tokens: number;
}

/** Bytes of a token at the least: what is shorter than this many a token of the smallest window need not be counted. */
const fewestBytes = 1.5;

const needsOf = async ({ config, request, targets, rawBytes }: Asked): Promise<Needs> => {
  const windows = targets.flatMap((target) => modelInfoOf(config, target)?.context ?? []);
  const smallest = Math.min(...windows);
  // What is more than the largest need not be counted to its end.
  const tokens =
    rawBytes / fewestBytes > smallest ? await countRequestTokens(request, Math.max(...windows)) : 0;
  return { images: hasImages(request), tokens };
};

const isImage = (block: ContentBlock | { type: string; content?: unknown }): boolean =>
  block.type === "image" ||
  (block.type === "tool_result" &&
    Array.isArray(block.content) &&
    block.content.some((part: { type?: unknown }) => part.type === "image"));

/** In the last message: earlier ones have been answered already, whoever saw them. */
const hasImages = ({ messages }: MessagesRequest): boolean => {
  const last = messages.at(-1)?.content;
  return Array.isArray(last) && last.some(isImage);
};

const lackOf = (config: Config, target: Target, needs: Needs): string | undefined => {
  const info = modelInfoOf(config, target);
  const quirks = config.providers.get(target.provider)?.quirks;
  if (needs.images && (info?.images === false || quirks?.noImages === true)) return "it sees no images";
  if (info?.context !== undefined && needs.tokens > info.context)
    return `at least ${needs.tokens} tokens do not fit into its ${info.context}`;
  return undefined;
};

const inOrder = async (asked: Asked, targets: readonly Target[]): Promise<readonly Target[]> => {
  if (asked.choose === "order" || targets.length < 2) return targets;
  const costs =
    asked.choose === "fastest"
      ? await waitsOf(asked, targets)
      : targets.map((target) => priceOf(modelInfoOf(asked.config, target)));
  return targets
    .map((target, place) => ({ target, place, cost: costs[place]! }))
    .toSorted((a, b) => a.cost - b.cost || a.place - b.place)
    .map(({ target }) => target);
};

/** Steps of a quarter: a target that is a little faster does not take over a conversation whose prompt another has in its cache. */
const stepOf = (milliseconds: number): number =>
  Math.round(Math.log(Math.max(milliseconds, 1)) / Math.log(1.25));

/** One that was never measured goes first, so that it is. */
const waitsOf = async (asked: Asked, targets: readonly Target[]): Promise<number[]> => {
  const speeds = await asked.state.call(measuredSpeed, { targets: targets.map(targetName) });
  return speeds.map((speed) => (speed === null ? -1 : stepOf(speed)));
};

/**
 * What a turn of the client costs, to compare by: it reads some twenty tokens for each that it writes. A model whose price is not known is not free: it
 * goes last.
 */
const priceOf = (info: ModelInfo | undefined): number =>
  info?.price === undefined ? Number.POSITIVE_INFINITY : 20 * info.price.input + info.price.output;

/**
 * What may still be tried when a model's window was too small: those of `left` that are larger or of unknown size, then longContext's.
 * @param tried names of targets that had their turn
 */
export const largerThan = (
  target: Target,
  left: readonly Target[],
  config: Config,
  tried: ReadonlySet<string>,
): Target[] => {
  const window = modelInfoOf(config, target)?.context ?? 0;
  const isLarger = (other: Target): boolean => (modelInfoOf(config, other)?.context ?? Infinity) > window;
  const seen = new Set(tried);
  return [...left, ...(config.routes.longContext?.use ?? [])].filter((other) => {
    const provider = config.providers.get(other.provider);
    const name = targetName(other);
    if (seen.has(name) || provider === undefined || provider.disabled !== undefined) return false;
    seen.add(name);
    return provider.dialect !== "demo" && isLarger(other);
  });
};
