/** The logins of CLIProxyAPI 6.9.16: its options (cmd/server/main.go), and where each waits for the browser to come back. */

export interface LoginFlow {
  /** What it is an account of. */
  readonly title: string;
  readonly option: string;
  /** Port of this machine to which the provider sends the browser back; undefined: a code is typed in at the provider's. */
  readonly port?: number;
  /** The same by a code that is typed in at the provider's, on any device. */
  readonly deviceOption?: string;
}

export const loginFlows: Readonly<Record<string, LoginFlow>> = {
  codex: {
    title: "ChatGPT (Codex)",
    option: "-codex-login",
    port: 1455,
    deviceOption: "-codex-device-login",
  },
  claude: { title: "Claude", option: "-claude-login", port: 54_545 },
  gemini: { title: "Google (Gemini CLI)", option: "-login", port: 8085 },
  antigravity: { title: "Google (Antigravity)", option: "-antigravity-login", port: 51_121 },
  qwen: { title: "Qwen", option: "-qwen-login" },
  kimi: { title: "Kimi", option: "-kimi-login" },
  iflow: { title: "iFlow", option: "-iflow-login", port: 11_451 },
};
