/**
 * How Node runs a router (docs/speed.md has the figures). bin/switchyard and images/router/start.sh, which are no programs of ours, say the same: a test holds them to it.
 *
 * - The young generation is half of V8's own: what many open streams hold passes through it once, and it keeps the size to which that made it grow.
 * - One thread collects young objects: several cost more CPU than they save time.
 * - No object is made old before it is. V8 guesses by where an object was made, and guesses wrong as soon as many turns are under way at once: then all that later turns are made of
 *   waits for a collection of the whole heap.
 * - The heap may grow to three times what lives before the whole of it is collected. V8 counts the bytes of requests to it until they are collected: with the tenth that it allows for, long
 *   sessions had it collected every tenth turn, which cost as much as the turns did.
 */
export const nodeFlags = [
  "--max-semi-space-size=8",
  "--no-parallel-scavenge",
  "--no-allocation-site-pretenuring",
  "--heap-growing-percent=200",
] as const;
