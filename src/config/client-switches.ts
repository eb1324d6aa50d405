/**
 * Switches of Claude Code for models that cannot do all that its own can, by the names that a profile gives them. The client's own names
 * are its documented environment variables (code.claude.com/docs, env-vars), each found in Claude Code 2.1.329.
 */
export interface ClientSwitch {
  /** Variables of the client, and what they are set to where the switch is on. */
  readonly env: Readonly<Record<string, string>>;
  readonly description: string;
}

const on = (variable: string, description: string, value = "1"): ClientSwitch => ({
  env: { [variable]: value },
  description,
});

export const clientSwitches = {
  disableThinking: on("CLAUDE_CODE_DISABLE_THINKING", "The client never asks for thinking."),
  disableAdaptiveThinking: on(
    "CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING",
    "Thinking is asked for with a budget of tokens, not by effort.",
  ),
  disableInterleavedThinking: on(
    "DISABLE_INTERLEAVED_THINKING",
    "The client does not ask for thinking between tool calls.",
  ),
  disableExperimentalBetas: on(
    "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS",
    "No beta fields: tools are sent whole, and context management is left out.",
  ),
  disableToolSearch: on(
    "ENABLE_TOOL_SEARCH",
    "All tools are sent with every request, none is looked for when it is needed.",
    "false",
  ),
  disablePromptCaching: on("DISABLE_PROMPT_CACHING", "No cache markers."),
  disable1mContext: on("CLAUDE_CODE_DISABLE_1M_CONTEXT", "The client offers no window of a million tokens."),
  disableBackgroundTasks: on(
    "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS",
    "No commands or agents in the background.",
  ),
  alwaysSendEffort: on(
    "CLAUDE_CODE_ALWAYS_ENABLE_EFFORT",
    "Effort is sent with model ids that the client does not know, too.",
  ),
} as const;

export type ClientSwitchName = keyof typeof clientSwitches;

/** Variables by which the client compacts in time for a window of so many tokens; none where it is not known. */
export const windowVariables = (tokens: number | undefined): Record<string, string> =>
  tokens === undefined
    ? {}
    : {
        // The first counts for ids that the client does not know, the second for its own: observed with Claude Code 2.1.329.
        CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(tokens),
        CLAUDE_CODE_AUTO_COMPACT_WINDOW: String(tokens),
      };
