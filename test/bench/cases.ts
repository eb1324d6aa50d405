/** What is measured: one row of the table each. */
import type { Form } from "./answers.ts";
import type { BodyName } from "./bodies.ts";

export interface Case {
  /** What the provider speaks; the client of a router always speaks Anthropic's form. */
  readonly form: Form;
  readonly stream: boolean;
  readonly body: BodyName;
  readonly connections: number;
}

export const caseName = (each: Case): string =>
  `${each.form} ${each.stream ? "stream" : "whole"} ${each.body} c${each.connections}`;

const cases = (form: Form): Case[] => [
  ...[1, 10, 32, 64].map((connections): Case => ({ form, stream: true, body: "2KB", connections })),
  ...[1, 10, 32].map((connections): Case => ({ form, stream: true, body: "200KB", connections })),
  { form, stream: true, body: "200KB-new", connections: 1 },
  { form, stream: false, body: "2KB", connections: 1 },
  { form, stream: false, body: "2KB", connections: 32 },
  { form, stream: false, body: "200KB", connections: 1 },
];

export const allCases: readonly Case[] = [...cases("chat"), ...cases("anthropic")];

/** Enough for the goals of the table's end, in about a minute. */
export const quickCases: readonly Case[] = allCases.filter(
  (each) =>
    each.stream &&
    ((each.body === "2KB" && (each.connections === 1 || each.connections === 32)) ||
      (each.body === "200KB" && each.connections === 1)),
);
