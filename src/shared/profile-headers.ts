/** Headers by which a client names a profile, or a target in place of one, where its base URL cannot. They never reach a provider. */
export const profileHeader = "x-switchyard-profile";
/** The same for its subagents, and for teammates in its own process. */
export const agentProfileHeader = "x-switchyard-agent-profile";
