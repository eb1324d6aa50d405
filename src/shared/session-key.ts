/** The key that was made for the clients of one shell: for each shell another, and all of them the same client to whoever reads the ledger. */

/** The variable by which the `router` command learns of it. */
export const sessionKeyVariable = "SWITCHYARD_SESSION_KEY";

/** What it is called in the place of its last characters. No key that somebody makes can have a name with a blank in it. */
export const shellKeyName = "a shell";
