/** What a service of the stack is. One file each; `services/index.ts` lists them. */
import type { Config } from "../../config/types.ts";
import type { ComposeDocument } from "../document.ts";
import type { Placement } from "../placement.ts";

export interface StackDefinition<Where = Placement> {
  /** Name of the generated file, `compose/<name>.yaml`. */
  readonly name: string;
  /** One line for the head of the file. */
  readonly purpose: string;
  /** Pure: the same configuration and placement give the same document. */
  readonly document: (config: Config, placement: Where) => ComposeDocument;
}
