/**
 * The block that agents look for at the end of a setup. Its lines, their names and their order are those of claude-code-hybrid's page for
 * agents, so that what reads that one reads this. Pure.
 */

export interface SetupReport {
  /** Node and the dependencies are there. */
  readonly installed: boolean;
  /** A CLIProxyAPI answers. */
  readonly service: boolean;
  /** The profile `codex` can be asked. */
  readonly codex: boolean;
  /** Its accounts are used up one after the other. */
  readonly fillFirst: boolean;
  readonly switchProject: boolean;
  /** Accounts whose priority is that of a Plus plan (100), and of a Pro plan (0). */
  readonly plus: number;
  readonly pro: number;
  /** `GET /v1/models`, `POST /v1/chat/completions` of a router on this configuration. */
  readonly models: boolean;
  readonly completions: boolean;
  /** What keeps it from working, and what only a person can do. */
  readonly blocking: readonly string[];
  readonly manual: readonly string[];
}

/** Nothing is there yet. */
export const emptyReport: SetupReport = {
  installed: false,
  service: false,
  codex: false,
  fillFirst: false,
  switchProject: false,
  plus: 0,
  pro: 0,
  models: false,
  completions: false,
  blocking: [],
  manual: [],
};

const word = (isSo: boolean): string => (isSo ? "OK" : "FAIL");

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, "; ").trim();

export const reportText = (of: SetupReport): string => {
  const notes = [
    ...of.blocking.map((text) => `- blocking: ${oneLine(text)}`),
    ...of.manual.map((text) => `- manual: ${oneLine(text)}`),
  ];
  return [
    "[SETUP RESULT]",
    `- install.sh: ${word(of.installed)}`,
    `- CLIProxyAPI service: ${word(of.service)}`,
    `- codex.env updated: ${word(of.codex)}`,
    `- routing.strategy=fill-first: ${word(of.fillFirst)}`,
    `- switch-project=true: ${word(of.switchProject)}`,
    `- plus priority count: ${of.plus}`,
    `- pro priority count: ${of.pro}`,
    `- /v1/models test: ${word(of.models)}`,
    `- /v1/chat/completions test: ${word(of.completions)}`,
    "",
    "[NOTES]",
    ...(notes.length > 0 ? notes : ["- none"]),
  ].join("\n");
};
