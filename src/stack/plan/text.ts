/** A plan as a person reads it. */
import { targetText } from "../target.ts";
import type { Plan, Step } from "./types.ts";

/** What a step does, without its cause. */
export const stepText = (step: Step): string => {
  switch (step.do) {
    case "build":
      return `build ${step.image}`;
    case "write":
      return "write the compose file and the secrets";
    case "point":
      return `point the client's settings at ${targetText(step.to)}`;
    case "create":
    case "recreate":
    case "start":
    case "resume":
      return `${step.do} ${step.service}`;
    case "wait":
      return `wait until ${step.service} is healthy`;
    case "probe":
      return `ask ${targetText(step.target)} from inside the client's container`;
    case "settle":
      return "wait until running sessions have read their settings";
    case "record":
      return `remember ${targetText(step.to)}`;
    case "stop":
      return `stop ${step.container}`;
    case "remove":
  }
  return `remove ${step.what} ${step.name}`;
};

/** One line for each step with its cause, then the notes. */
export const planText = (plan: Plan): string =>
  [
    ...plan.steps.map((step, i) => `${i + 1}. ${stepText(step)}: ${step.because}`),
    ...(plan.steps.length === 0 ? ["nothing to do"] : []),
    ...plan.notes.map((note) => `note: ${note}`),
  ].join("\n");
