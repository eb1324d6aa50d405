/** Colours on a terminal. */
import { styleText } from "node:util";
import type { Environment } from "../../shared/paths.ts";

/** None of these says that something is wrong: red and yellow are kept for that. */
export const nameColours = [
  "cyan",
  "magenta",
  "green",
  "blue",
  "cyanBright",
  "magentaBright",
  "greenBright",
  "blueBright",
] as const;
export type Colour = (typeof nameColours)[number] | "red" | "yellow" | "dim";

/** Gives a text a colour, or nothing where there are none. */
export type Paint = (colour: Colour, text: string) => string;

/**
 * Whether a stream is to get colours: FORCE_COLOR decides where it is set (0 and false: none), then NO_COLOR
 * (no-color.org: set and not empty), then whether it is a terminal that knows any.
 */
export const wantsColour = (env: Environment, stream: { readonly isTTY?: boolean }): boolean => {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  return stream.isTTY === true && env["TERM"] !== "dumb";
};

export const painter = (coloured: boolean): Paint =>
  // The stream was looked at already, and is not to be judged again.
  coloured ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_colour, text) => text;
