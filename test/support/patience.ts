/**
 * How long a test waits for what comes when it comes, in milliseconds. The second that Vitest gives is too little for a changed configuration on a busy machine.
 */
export const patience = 20_000;
