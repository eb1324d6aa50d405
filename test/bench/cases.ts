/** What is measured: one row of the table each. */
import type { AnswerName, Form } from "./answers.ts";
import type { BodyName } from "./bodies.ts";

export interface Case {
  /** What the provider speaks; the client of a router always speaks Anthropic's form. */
  readonly form: Form;
  readonly stream: boolean;
  readonly answer: AnswerName;
  readonly body: BodyName;
  readonly connections: number;
}

const kindOf = ({ stream, answer }: Case): string => {
  if (!stream) return "whole";
  return answer === "short" ? "stream" : `${answer}-stream`;
};

/** `chat stream 2KB c10`, `chat each-stream …` (chunks one by one), `chat long-stream …` (1,000 chunks), `chat paced-stream …`, `chat whole …`. */
export const caseName = (each: Case): string =>
  `${each.form} ${kindOf(each)} ${each.body} c${each.connections}`;

const stream = (form: Form, body: BodyName, connections: number, answer: AnswerName = "short"): Case => ({
  form,
  stream: true,
  answer,
  body,
  connections,
});
const whole = (form: Form, body: BodyName, connections: number): Case => ({
  ...stream(form, body, connections),
  stream: false,
});

/** Not all that could be crossed: each size, each number of connections and each kind of answer, at least once in each form. */
const cases = (form: Form): Case[] => [
  ...[1, 10, 64, 256].map((connections) => stream(form, "2KB", connections)),
  stream(form, "20KB", 10),
  stream(form, "20KB", 10, "each"),
  stream(form, "200KB", 1),
  stream(form, "200KB", 10),
  stream(form, "2MB", 1),
  stream(form, "2KB", 10, "long"),
  whole(form, "2KB", 10),
];

export const allCases: readonly Case[] = [
  ...cases("chat"),
  stream("chat", "200KB-new", 1),
  stream("chat", "2KB", 64, "paced"),
  ...cases("gemini"),
  ...cases("anthropic"),
];

/** Enough for the goals of CPU, latency and requests per core. */
export const quickCases: readonly Case[] = allCases.filter(
  (each) =>
    each.answer === "each" ||
    (each.stream &&
      each.answer === "short" &&
      each.connections === 10 &&
      (each.body === "2KB" || (each.body === "200KB" && each.form !== "gemini"))),
);
