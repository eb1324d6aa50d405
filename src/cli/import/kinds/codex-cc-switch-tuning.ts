/** What codex_cc_switch does about time and errors, as fields of every provider. */
import type { Part } from "../report.ts";
import { rowOf } from "../texts.ts";

type Fields = Record<string, unknown>;

/** Fields of every provider. */
export interface Tuning {
  timeouts?: Fields;
  failures?: Fields;
}

const seconds = (part: Part | undefined): string | undefined =>
  part?.number === undefined || part.number <= 0 ? undefined : `${Math.ceil(part.number)}s`;

const droppedTimes: Readonly<Record<string, string>> = {
  write_timeout: "a request is sent as fast as the provider takes it",
  pool_timeout: "connections are kept, and more are opened where they are needed",
  non_streaming_read_timeout: "answers are always streams on their way here",
  extended_connect_timeout: "one time for all connections",
  retry_read_timeout: "one time for all tries",
  codex_base_timeout: "one time for all providers of the file; set it at the provider",
  codex_timeout_increment: "times do not grow",
  codex_error_threshold: "one figure for all providers of the file; set it at the provider",
  codex_connect_timeout: "one time for all providers of the file; set it at the provider",
  primary_api_check_interval: "what failed rests, and is asked again by itself",
  billing_cycle_delay: "`activate` of a key opens its window",
  billing_send_interval: "`activate` of a key opens its window",
  health_check_interval: "what failed rests, and is asked again by itself",
  stream_retry_wait: "see failures.wait",
  strategy_retry_read_timeout: "one time for all tries",
  modify_retry_headers: "requests are not disguised",
  updated_at: "a note for people",
};

/** `timeouts` and `failures` of providers, as far as they are set. */
export const readTimeouts = (part: Part | undefined): Tuning => {
  const [connect, read, cooldown, threshold, retries] = [
    "connect_timeout",
    "streaming_read_timeout",
    "api_cooldown_seconds",
    "api_error_threshold",
    "max_retries",
  ].map((name) => part?.at(name));
  const [connects, reads, rests] = [seconds(connect), seconds(read), seconds(cooldown)];
  if (connects !== undefined) connect?.mapped("providers.*.timeouts.connect");
  if (reads !== undefined) read?.mapped("providers.*.timeouts.firstByte, idle");
  if (rests !== undefined)
    cooldown?.changed("providers.*.failures.rest", "the first rest; it grows with every further failure");
  if (threshold?.number !== undefined && threshold.number >= 1)
    threshold.mapped("providers.*.failures.breakAfter");
  if (retries?.number !== undefined)
    retries.mapped("providers.*.failures.tries", "calls, the first one counted");
  for (const [name, below] of part?.entries() ?? []) {
    const why = rowOf(droppedTimes, name);
    if (why !== undefined) below.dropped(why);
  }
  const timeouts = {
    ...(connects !== undefined && { connect: connects }),
    ...(reads !== undefined && { firstByte: reads, idle: reads }),
  };
  const failures = {
    ...(retries?.number !== undefined && { tries: Math.min(20, Math.max(1, retries.number + 1)) }),
    ...(threshold?.number !== undefined && threshold.number >= 1 && { breakAfter: threshold.number }),
    ...(rests !== undefined && {
      rest: { first: rests, longest: `${Math.max(600, Math.ceil(cooldown?.number ?? 0))}s` },
    }),
  };
  return {
    ...(Object.keys(timeouts).length > 0 && { timeouts }),
    ...(Object.keys(failures).length > 0 && { failures }),
  };
};

const steps: Readonly<Record<string, string>> = {
  switch_api: "next-key",
  normal_retry: "retry",
  strategy_retry: "next-key",
};

/** `failures.rules`: a rule for all statuses with the same step. @param before what `readTimeouts` gave for `failures` */
export const readErrors = (part: Part | undefined, before: Fields = {}): Tuning => {
  const byStep = new Map<string, number[]>();
  for (const [status, strategy] of part?.at("http_status_codes")?.entries() ?? []) {
    const step = rowOf(steps, strategy.text ?? "");
    if (!/^[1-5]\d\d$/.test(status) || step === undefined) {
      strategy.dropped("every status has its usual step (docs/failures.md)");
      continue;
    }
    byStep.set(step, [...(byStep.get(step) ?? []), Number(status)]);
    if (strategy.text === "strategy_retry")
      strategy.changed("providers.*.failures.rules", `${step}: there are no retries in disguise`);
    else strategy.mapped("providers.*.failures.rules", step);
  }
  part?.at("network_errors")?.dropped("where nothing is answered, the next key and the next target follow");
  // eslint-disable-next-line unicorn/no-thenable
  const rules = [...byStep].map(([step, status]) => ({ status, then: step }));
  return rules.length === 0 ? {} : { failures: { ...before, rules } };
};
