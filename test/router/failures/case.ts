/** The form of the cases: what a provider sent, and what kind of failure that is. */
import type { FailureKind } from "../../../src/router/failures/kinds.ts";

/** Errors of OpenAI's form. */
export const error = (message: string, more: object = {}): object => ({ error: { message, ...more } });
/** Errors of Anthropic's form. */
export const typed = (type: string, message: string): object => ({ type: "error", error: { type, message } });

export type Case = [who: string, kind: FailureKind, status: number, body: unknown];
