/** What a user is told when something goes wrong: a message, what to do, an exit status; never a stack. */
import { messageOf, SwitchyardError } from "../shared/errors.ts";

export interface Told {
  readonly text: string;
  readonly status: number;
}

/** The words and the exit status for anything that was thrown. `debug` adds the stack of a bug of ours. */
export const explain = (thrown: unknown, debug: boolean): Told => {
  if (thrown instanceof SwitchyardError) {
    const hint = thrown.hint === "" ? "" : `\n  ${thrown.hint}`;
    return { text: `switchyard: ${thrown.message}${hint}\n`, status: thrown.exitStatus };
  }
  const first = messageOf(thrown).split("\n", 1)[0] ?? "";
  const stack = debug && thrown instanceof Error ? `${thrown.stack ?? ""}\n` : "";
  const more = debug ? "" : " (SWITCHYARD_DEBUG=1 shows where)";
  return { text: `switchyard: internal error: ${first}${more}\n${stack}`, status: 1 };
};
