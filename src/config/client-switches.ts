/**
 * Switches of Claude Code for models that cannot do all that its own can, by the names that a profile gives them. The client's own names
 * are its documented environment variables (code.claude.com/docs, env-vars), each found in Claude Code 2.1.329.
 */
export interface ClientSwitch {
  /** Variables of the client, and what they are set to where the switch is on. */
  readonly env: Readonly<Record<string, string>>;
  readonly description: string;
}

export const clientSwitches = {
  disableThinking: {
    env: { CLAUDE_CODE_DISABLE_THINKING: "1" },
    description: "The client never asks for thinking.",
  },
  disableAdaptiveThinking: {
    env: { CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING: "1" },
    description: "Thinking is asked for with a budget of tokens, not by effort.",
  },
  disableInterleavedThinking: {
    env: { DISABLE_INTERLEAVED_THINKING: "1" },
    description: "The client does not ask for thinking between tool calls.",
  },
  disableExperimentalBetas: {
    env: { CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: "1" },
    description: "No beta fields: tools are sent whole, and context management is left out.",
  },
  disableToolSearch: {
    env: { ENABLE_TOOL_SEARCH: "false" },
    description: "All tools are sent with every request, none is looked for when it is needed.",
  },
  disablePromptCaching: {
    env: { DISABLE_PROMPT_CACHING: "1" },
    description: "No cache markers.",
  },
  disable1mContext: {
    env: { CLAUDE_CODE_DISABLE_1M_CONTEXT: "1" },
    description: "The client offers no window of a million tokens.",
  },
  disableBackgroundTasks: {
    env: { CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1" },
    description: "No commands or agents in the background.",
  },
  alwaysSendEffort: {
    env: { CLAUDE_CODE_ALWAYS_ENABLE_EFFORT: "1" },
    description: "Effort is sent with model ids that the client does not know, too.",
  },
} as const satisfies Readonly<Record<string, ClientSwitch>>;

export type ClientSwitchName = keyof typeof clientSwitches;
