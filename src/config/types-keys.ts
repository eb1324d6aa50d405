/** A provider's keys as the configuration has them: what each may be used for, and when. */

export const keyStrategies = ["fill-first", "round-robin", "weighted", "least-busy", "least-used"] as const;
/** How one of several keys of the same priority is chosen. */
export type KeyStrategy = (typeof keyStrategies)[number];

/** A span of hours on some days of the week, by the clock of a zone. */
export interface HourSpan {
  /** Days on which the span begins: 0 is Sunday, 6 is Saturday. In ascending order, never empty. */
  readonly days: readonly number[];
  /** Minutes after midnight, 0 to 1439. */
  readonly from: number;
  /** Minutes after midnight, 1 to 1440, exclusive. Not above `from`: the span goes over midnight into the next day. */
  readonly to: number;
}

/** When something is on. */
export interface Schedule {
  /** Any of them; empty: always. */
  readonly hours: readonly HourSpan[];
  /** IANA name, as `Europe/Berlin`; valid for `Intl`. Where none was given, this machine's. */
  readonly timezone: string;
}

/** A time of the day at which a call opens a provider's billing window, by the clock of the key's zone. */
export interface ActivationTime {
  /** 0 is Sunday. In ascending order, never empty. */
  readonly days: readonly number[];
  /** Minutes after midnight, 0 to 1439. */
  readonly at: number;
}

export interface ProviderKey {
  /** The key itself. Never shown. */
  readonly value: string;
  /** What people call it: the configured name, else `…` and its last four characters, else `#2`, its place. */
  readonly label: string;
  /** Twelve hex digits of provider and key: what the state knows it by. */
  readonly id: string;
  /** Higher first. Default 0. */
  readonly priority: number;
  /** Its share under the strategy `weighted`. Default 1. */
  readonly weight: number;
  readonly schedule: Schedule;
  /** Milliseconds since the epoch before which it is not used; undefined: no such time. */
  readonly startsAt: number | undefined;
  /** Empty: no such calls. In the zone of `schedule`. */
  readonly activate: readonly ActivationTime[];
  /** The provider's id of the model for those calls; set where `activate` is not empty. */
  readonly activateModel: string | undefined;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly concurrent?: number;
  /** URL of the proxy for this key, before the provider's own. It may hold a password. */
  readonly proxy?: string;
}
