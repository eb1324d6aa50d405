/** Durations and sizes as people write them. */

const durationFactors: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const sizeFactors: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** "500ms", "10s", "5m", "1h", "90d", or digits alone: milliseconds. */
export const durationPattern = /^\d+(?:\.\d+)?\s*(?:ms|s|m|h|d)?$/i;
/** "32mb", "512 KB", or digits alone: bytes. KB is 1,024 bytes. */
export const sizePattern = /^\d+(?:\.\d+)?\s*(?:b|kb|mb|gb)?$/i;

const parse = (value: number | string, factors: Readonly<Record<string, number>>): number => {
  if (typeof value === "number") return value;
  const parts = /^([\d.]+)\s*([a-z]*)$/i.exec(value.trim());
  const unit = parts?.[2]?.toLowerCase() ?? "";
  return Math.round(Number(parts?.[1]) * (factors[unit] ?? 1));
};

/** Milliseconds of a duration that fits `durationPattern`, or of a number of them. */
export const milliseconds = (value: number | string): number => parse(value, durationFactors);

/** Bytes of a size that fits `sizePattern`, or of a number of them. */
export const bytes = (value: number | string): number => parse(value, sizeFactors);
