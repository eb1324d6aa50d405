/** What a failed step of a plan is to a user: which step it was, in whose words, and what to do. */
import { isJsonObject } from "../../shared/json.ts";
import { messageOf, SwitchyardError, systemCodeOf } from "../../shared/errors.ts";
import { stepText } from "../../stack/plan/text.ts";
import type { Step } from "../../stack/plan/types.ts";

/** Status of an answer of the engine's API, and its own words; undefined for any other error. */
const engineAnswer = (error: unknown): { status: number; words: string } | undefined => {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number")
    return undefined;
  const body = "json" in error ? error.json : undefined;
  const message = isJsonObject(body) ? body["message"] : undefined;
  return { status: error.statusCode, words: typeof message === "string" ? message : error.message };
};

/** The engine's socket is there no more, or closes what is sent to it. */
const gone = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE"]);

const hintOf = (step: Step, status: number): string => {
  if (step.do !== "remove") return "Try again; if it repeats: docker ps, docker info.";
  if (status !== 403 && status !== 409) return "Try again.";
  const filter = step.what === "file" ? "" : ` --filter ${step.what}=${step.name}`;
  return `Something that is not this project's uses it: docker ps --all${filter}. End that, then try again.`;
};

/** The error of a step in words; what is in words already stays as it is. */
export const failureOf = (step: Step, error: unknown): unknown => {
  if (error instanceof SwitchyardError) return error;
  const answer = engineAnswer(error);
  if (answer !== undefined) {
    return new SwitchyardError("engine.failed", {
      detail: `${stepText(step)}: ${answer.words}`,
      hint: hintOf(step, answer.status),
      cause: error,
    });
  }
  if (!gone.has(systemCodeOf(error) ?? "")) return error;
  return new SwitchyardError("engine.failed", {
    detail: `${stepText(step)}: the engine does not answer any more (${messageOf(error)})`,
    hint: "Once it runs again, the same command goes on where this one ended.",
    cause: error,
  });
};
