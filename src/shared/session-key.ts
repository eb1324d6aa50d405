/** The variable by which the `router` command learns of a client key that was made for one shell. */
export const sessionKeyVariable = "SWITCHYARD_SESSION_KEY";
