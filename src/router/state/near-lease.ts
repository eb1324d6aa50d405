/** Names of what a worker has taken by itself: no other process gives the same. */
import { randomBytes } from "node:crypto";

const own = randomBytes(6).toString("hex");
let number = 0;

/** @param now milliseconds since the epoch */
export const nearLease = (now: number): string => `near ${own} ${now}.${++number}`;
