/** What LiteLLM is started with. Pure: config in, text and variables out. */
import type { ConfigSource } from "../../config/source.ts";
import type { Config } from "../../config/types.ts";
import { yamlText } from "../../config/yaml-text.ts";
import { generate } from "./generated.ts";
import { ownSetup } from "./own.ts";

export interface LitellmSetup {
  /** YAML text of LiteLLM's config.yaml. It holds no key of ours; the user's own file is as they wrote it. */
  readonly config: string;
  /** Variables of the process, for its stdin alone. */
  readonly keys: Readonly<Record<string, string>>;
  /** What the user should know, one line each. */
  readonly notices: readonly string[];
  /** The token that the client must send, where the configuration is the user's own and has one; else the stack's client key. */
  readonly clientKey: string | undefined;
}

export interface LitellmOptions {
  /** Where the proxy listens. */
  readonly port: number;
  /** The stack's client key: what clients send, good for inference alone. */
  readonly clientKey: string;
  /** LiteLLM's own administrator's key. */
  readonly masterKey: string;
  /** Text of the user's own configuration (`stack.litellm.config`), run unchanged. */
  readonly own?: string;
}

const header =
  "# Written by switchyard from config/; do not edit: it is written anew each time. It holds no key.\n";

/**
 * @throws SwitchyardError config.invalid where the user's own file is not YAML
 */
export const litellmSetup = (config: Config, source: ConfigSource, options: LitellmOptions): LitellmSetup => {
  if (options.own !== undefined) {
    const { config: file, clientKey } = config.stack.litellm;
    const own = ownSetup(options.own, file || "stack.litellm.config", clientKey, source.lookup);
    return { config: options.own, ...own };
  }
  const { document, keys, notices } = generate(config, source, options);
  return { config: header + yamlText(document), keys, notices, clientKey: undefined };
};
