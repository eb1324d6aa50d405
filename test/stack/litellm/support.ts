/** LiteLLM's setup out of a user's file, as the stack makes it. */
import { parse } from "yaml";
import { type LitellmSetup, litellmSetup } from "../../../src/stack/litellm/setup.ts";
import { place } from "../../config/support.ts";

export interface Entry {
  model_name: string;
  litellm_params: Record<string, unknown> & { model: string; api_base?: string; api_key?: string };
  model_info?: Record<string, unknown>;
}

export interface Document {
  model_list: Entry[];
  router_settings: Record<string, unknown>;
  litellm_settings: Record<string, unknown>;
  general_settings: Record<string, unknown>;
  switchyard: {
    patterns: { match: string; fallbacks: string[]; context_window_fallbacks: string[] }[];
    refused: Record<string, string>;
    cache_minimum?: unknown;
  };
}

export const clientKey = "sy-client-0123456789";
export const masterKey = "sk-master-0123456789";

export const setup = (userFile: string, env: Record<string, string> = {}, own?: string): LitellmSetup => {
  const here = place(userFile);
  return litellmSetup(here.load(env), here.source(env), {
    port: 4000,
    clientKey,
    masterKey,
    ...(own !== undefined && { own }),
  });
};

export const documentOf = ({ config }: LitellmSetup): Document => parse(config) as Document;

/** Each entry as `name -> model at base`. */
export const served = (document: Document): string[] =>
  document.model_list.map(
    ({ model_name, litellm_params: { model, api_base } }) =>
      `${model_name} -> ${model}${api_base === undefined ? "" : ` at ${api_base}`}`,
  );
