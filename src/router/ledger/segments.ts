/** The names of the journal's files. */

/** Milliseconds. */
export const hourLength = 3_600_000;

/** `journal-2026-11-21T10.jsonl`. @param instant milliseconds since the epoch */
export const segmentName = (instant: number): string =>
  `journal-${new Date(instant).toISOString().slice(0, 13)}.jsonl`;

/** When the hour of a file began, in milliseconds since the epoch; undefined of another file. */
export const hourOf = (name: string): number | undefined => {
  const hour = /^journal-(\d{4}-\d\d-\d\dT\d\d)\.jsonl$/.exec(name)?.[1];
  return hour === undefined ? undefined : Date.parse(`${hour}:00:00Z`);
};
