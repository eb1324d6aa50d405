/** Names of what a process has taken by itself: no other process gives the same. */
import { randomBytes } from "node:crypto";

const own = randomBytes(6).toString("hex");
let number = 0;

/** A name that this process gives once, and no other ever. @param now milliseconds since the epoch */
export const ownName = (now: number): string => `${own} ${now}.${++number}`;

/** Of what a worker has taken by itself. @param now milliseconds since the epoch */
export const nearLease = (now: number): string => `near ${ownName(now)}`;
