/** What LiteLLM is started with: generated from the router's configuration, or the user's own file unchanged. */
import { readFileSync } from "node:fs";
import { hostGateway } from "../config/loopback-url.ts";
import type { ConfigSource } from "../config/source.ts";
import type { Config } from "../config/types.ts";
import { litellmPort } from "../shared/container-layout.ts";
import { messageOf, SwitchyardError } from "../shared/errors.ts";
import { type LitellmSetup, litellmSetup } from "../stack/litellm/setup.ts";

export interface LitellmFileOptions {
  readonly clientKey: string;
  readonly masterKey: string;
  /** Where it runs: on the host this machine's own servers are reached as the user wrote them. */
  readonly place: "container" | "host";
}

const ownText = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SwitchyardError("config.unreadable", {
      detail: `stack.litellm.config: ${messageOf(error)}`,
      cause: error,
    });
  }
};

/** @throws SwitchyardError config.unreadable, config.invalid for the user's own file */
export const litellmFiles = (
  config: Config,
  source: ConfigSource,
  options: LitellmFileOptions,
): LitellmSetup => {
  const { clientKey, masterKey, place } = options;
  const keys = { port: litellmPort, clientKey, masterKey };
  const file = config.stack.litellm.config;
  if (file !== "") return litellmSetup(config, source, { ...keys, own: ownText(file) });
  const setup = litellmSetup(config, source, keys);
  // It is written for a container, where the machine's own servers are reached by its gateway.
  return place === "container"
    ? setup
    : { ...setup, config: setup.config.replaceAll(hostGateway, "127.0.0.1") };
};
