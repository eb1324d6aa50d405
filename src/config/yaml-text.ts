/** YAML text of a plain value: for the files that are generated. Everything that reads or writes YAML lies in this folder. */
import { stringify } from "yaml";

/** Block style, keys in their order, no anchors; the same value always gives the same text. */
export const yamlText = (value: unknown): string =>
  stringify(value, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    // Quotes what a reader of YAML 1.1 takes for a number or a truth value: `0:0`, `no`.
    version: "1.1",
  });
