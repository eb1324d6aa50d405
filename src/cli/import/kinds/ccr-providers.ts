/** Providers of claude-code-router, and how its texts name a model of one. */
import type { DialectName } from "../../../config/types.ts";
import type { Draft } from "../draft.ts";
import type { Part } from "../report.ts";
import { interpolated, keyNote, rowOf } from "../texts.ts";
import { readTransformers } from "./ccr-transformers.ts";

/** The target that a text names; undefined where it is none. */
export type TargetOf = (text: string) => string | undefined;

/** @param separator what stands between provider and model; @param names as `readProvider` fills it */
export const targetsBy =
  (separator: "," | "/", names: ReadonlyMap<string, string>): TargetOf =>
  (text) => {
    const at = text.indexOf(separator);
    const model = text.slice(at + 1).trim();
    const ours = at < 0 ? undefined : names.get(text.slice(0, at).trim().toLowerCase());
    return ours === undefined || model === "" ? undefined : `${ours},${model}`;
  };

/** `type` of a provider of 3.x. */
const types: Readonly<Record<string, DialectName>> = {
  openai_chat_completions: "openai-chat",
  openai_responses: "openai-responses",
  anthropic_messages: "anthropic",
  gemini_generate_content: "gemini",
};

/**
 * A provider of 1.x to 3.x.
 * @param names ours, by its own name in small letters: this one is added
 */
export const readProvider = (part: Part, names: Map<string, string>, draft: Draft): void => {
  const name = part.at("name");
  const address = part.at("api_base_url") ?? part.at("baseUrl");
  const key = part.at("api_key") ?? part.at("apikey") ?? part.at("apiKey");
  const transformers = readTransformers(part.at("transformer"));
  const ours = draft.provider({
    name: name?.text ?? "provider",
    baseUrl: address?.text === undefined ? undefined : interpolated(address.text),
    dialect: transformers.dialect ?? rowOf(types, part.at("type")?.text ?? ""),
    keys: key?.text === undefined ? [] : [{ value: key.text }],
    ...(transformers.quirks !== undefined && { more: { quirks: transformers.quirks } }),
  });
  names.set((name?.text ?? "").toLowerCase(), ours);
  for (const [model, most] of transformers.mostByModel)
    draft.models[`${ours},${model}`] = { maxOutput: most };
  for (const { part: told, to, why, isChanged } of transformers.told) {
    const shown = to.replace("%", ours);
    if (to === "") told.dropped(why);
    else if (isChanged === true) told.changed(shown, why);
    else told.mapped(shown, why);
  }
  name?.mapped(`providers.${ours}`);
  part.at("type")?.mapped(`providers.${ours}`);
  address?.mapped(`providers.${ours}.baseUrl`);
  if (key?.text === undefined) key?.mapped(`providers.${ours}.keys`, "it is empty: no key is sent");
  else key.mapped(`providers.${ours}.keys`, keyNote(key.text));
  part
    .at("models")
    ?.mapped(
      `providers.${ours}`,
      "models are not listed here: any id of the provider is asked for as provider,model, and one that a single route bears by its bare id",
    );
};
