/** An error as one text. */
import type { SwitchyardError } from "./errors.ts";

/** What went wrong, and what to do. A sentence that has its end already gets no second one. */
export const toldOf = ({ message, hint }: Pick<SwitchyardError, "message" | "hint">): string => {
  if (hint === "") return message;
  return /[.!?]$/.test(message) ? `${message} ${hint}` : `${message}. ${hint}`;
};
