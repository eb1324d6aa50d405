/** What the log says of a turn and of what failed in it. */
import type { ProviderConfig, ProviderKey } from "../../config/types.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";
import type { FailureKind } from "../failures/kinds.ts";
import type { Failed } from "./last-words.ts";
import type { Outcome } from "./outcome.ts";
import { redacted } from "./redacted.ts";
import type { Turn } from "./turn.ts";

/** A provider may quote the whole request in its words; logs and lists of failures are no place for it. */
export const short = (words: string): string => (words.length > 500 ? `${words.slice(0, 500)}…` : words);

/** Who was asked in a call. */
export interface Asked {
  readonly provider: ProviderConfig;
  /** Undefined where the provider needs none, or gets the client's own. */
  readonly key: ProviderKey | undefined;
}

/** One line for one failed call, or for an answer that broke off while the client had it. */
export const logFailure = (
  turn: Turn,
  { provider, key }: Asked,
  failure: UpstreamFailure & { code?: string },
  kind: FailureKind,
): void => {
  const rejected = kind === "keyRejected" && provider.auth === "key";
  const code = rejected ? "upstream.keyRejected" : (failure.code ?? "upstream.failed");
  turn.log.warn(
    {
      requestId: turn.id,
      code,
      kind,
      provider: provider.name,
      target: turn.progress.target,
      key: key?.label,
      status: failure.status,
    },
    rejected
      ? `${provider.name} does not accept its key${key === undefined ? "" : ` ${key.label}`} (status ${failure.status}): ${short(failure.message)}`
      : `${turn.progress.target} failed (status ${failure.status}): ${short(failure.message)}`,
  );
};

/** The turn's own line. @param began by `performance.now()` */
export const logTurn = (
  turn: Turn,
  outcome: Outcome | undefined,
  failed: readonly Failed[],
  began: number,
): void => {
  const usage = outcome !== undefined && "usage" in outcome ? outcome.usage : undefined;
  turn.log.info(
    {
      requestId: turn.id,
      rule: turn.rule,
      target: turn.progress.target,
      attempts: turn.progress.attempts,
      providerRequestId: turn.progress.providerRequestId,
      outcome: outcome?.kind ?? "error",
      ms: Math.round(performance.now() - began),
      ...(usage !== undefined && { input: usage.input_tokens, output: usage.output_tokens }),
      ...(outcome?.kind === "cut" && { reason: short(redacted(outcome.failure.message, turn)) }),
      ...(failed.length > 0 && { failed: failed.map((each) => `${each.target} ${each.failure.status}`) }),
      ...(turn.progress.skipped.length > 0 && {
        skipped: turn.progress.skipped.map(({ target, reason }) => `${target}: ${reason}`),
      }),
    },
    "turn",
  );
};
