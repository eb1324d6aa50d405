/**
 * The slash command `/router` of Claude Code (code.claude.com/docs/en/slash-commands; tried with 2.1.329): its text is a word to the router, which answers in the
 * place of a model (src/router/session-commands/). Pure.
 */

/** Below the client's folder. */
export const routerCommandFile = "commands/router.md";

/** Ours, of whatever version: what a user wrote under that name stays. */
const mark = "<switchyard-router>";

/** A model cannot call it: only a user types it. */
const text = `---
description: "Switchyard: status, rules, or use PROFILE for this session"
argument-hint: status | rules | use PROFILE
disable-model-invocation: true
---
${mark}$ARGUMENTS</switchyard-router>
`;

/** The file's new text, or undefined where nothing needs to be written. */
export const seedRouterCommand = (current: string | undefined): string | undefined =>
  current === undefined || (current.includes(mark) && current !== text) ? text : undefined;
