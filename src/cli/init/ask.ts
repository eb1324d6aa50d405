/** The questions of `switchyard init`: few, and each with an answer that most people can take. */
import { isCancel, log, multiselect, password, select } from "@clack/prompts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { ProbeResult } from "../probe/providers.ts";
import type { FoundKey } from "./keys.ts";
import type { Offer } from "./offers.ts";
import type { OtherTool } from "./today.ts";

/** Questions go beside stdout, which holds results alone. */
const output = process.stderr;

/** @throws SwitchyardError usage.stopped where the question was left with Ctrl-C */
const answered = <T>(answer: T): Exclude<T, symbol> => {
  if (!isCancel(answer)) return answer as Exclude<T, symbol>;
  throw new SwitchyardError("usage.stopped");
};

export const askWhatToDo = async (file: string): Promise<"keep" | "replace"> =>
  answered(
    await select<"keep" | "replace">({
      message: `${file} is there already.`,
      options: [
        { value: "keep", label: "Keep it, and test its providers" },
        { value: "replace", label: "Write a new one", hint: "the one before is kept as a backup" },
      ],
      output,
    }),
  );

/** What people use today. */
export type Today = { readonly login: boolean; readonly tool?: OtherTool };

export const askToday = async (tools: readonly OtherTool[]): Promise<Today> => {
  const answer = answered(
    await select<string>({
      message: "What do you use today?",
      options: [
        { value: "nothing", label: "Keys of providers, or nothing yet" },
        {
          value: "login",
          label: "Claude Code with a subscription of Claude",
          hint: "it goes on serving, first",
        },
        ...tools.map(({ kind, title, place }) => ({
          value: kind,
          label: title,
          hint: `takes over ${place}`,
        })),
      ],
      output,
    }),
  );
  const tool = tools.find(({ kind }) => kind === answer);
  return { login: answer === "login", ...(tool !== undefined && { tool }) };
};

/** Which providers; those whose keys were found are chosen already. */
export const askOffers = async (
  offers: readonly Offer[],
  find: (name: string) => FoundKey | undefined,
): Promise<Offer[]> =>
  answered(
    await multiselect<Offer>({
      message: "Which keys do you have? (space marks, Enter goes on; none is right, too)",
      options: offers.map((offer) => {
        const found = find(offer.variable);
        const hint = `${offer.variable}${found === undefined ? "" : `, found in ${found.where}`}`;
        return { value: offer, label: offer.title, hint };
      }),
      initialValues: offers.filter(({ variable }) => find(variable) !== undefined),
      required: false,
      maxItems: 14,
      output,
    }),
  );

/** A key that is not shown while it is typed. */
export const askKey = async (variable: string): Promise<string> =>
  answered(
    await password({
      message: `${variable}:`,
      validate: (value) => ((value ?? "").trim() === "" ? "It is empty." : undefined),
      output,
    }),
  ).trim();

export const askAfterFailure = async (
  { provider, problem }: ProbeResult,
  variable: string,
): Promise<"again" | "without" | "anyway"> => {
  log.error(`${provider}: ${problem ?? ""}`, { output });
  return answered(
    await select<"again" | "without" | "anyway">({
      message: `${provider} does not answer.`,
      options: [
        { value: "again", label: `Give another ${variable}` },
        { value: "without", label: "Leave it out" },
        { value: "anyway", label: "Take it all the same" },
      ],
      output,
    }),
  );
};
