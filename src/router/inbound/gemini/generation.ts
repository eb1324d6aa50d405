/** `generationConfig` (ai.google.dev/api/generate-content#generationconfig) in the hub's terms. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import type { Beyond } from "../shared/refusal.ts";
import { limitOf, outputOf, samplingOf } from "../shared/settings.ts";
import { effortFields } from "../shared/thinking.ts";
import { camelOf, field, listOf, numberField } from "./fields.ts";
import { jsonSchemaOf } from "./schema.ts";

/** Fields that the hub carries. */
export const carriedGeneration: ReadonlySet<string> = new Set([
  "maxOutputTokens",
  "temperature",
  "topP",
  "topK",
  "stopSequences",
  "thinkingConfig",
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "responseFormat",
]);

/** What only a model of Google's can do, with the value that asks for nothing. */
const beyondHub: Readonly<Record<string, (value: unknown) => boolean>> = {
  candidateCount: (value) => value === 1,
  responseModalities: (value) => listOf(value).every((one) => String(one).toUpperCase() === "TEXT"),
  speechConfig: () => false,
  imageConfig: () => false,
};

/** What the request's generation settings ask for. @throws SwitchyardError request.malformed */
export const generationOf = (body: JsonObject, beyond: Beyond): Partial<MessagesRequest> => {
  const config = field(body, "generationConfig");
  if (!isJsonObject(config)) return {};
  note(config, beyond);
  const thinking = thinkingOf(field(config, "thinkingConfig"));
  const stops = listOf(field(config, "stopSequences")).filter(
    (word): word is string => typeof word === "string" && word !== "",
  );
  const named = {
    temperature: numberField(config, "temperature"),
    top_p: numberField(config, "topP"),
    top_k: numberField(config, "topK"),
  };
  return {
    ...limitOf(numberField(config, "maxOutputTokens"), "generationConfig.maxOutputTokens"),
    ...samplingOf(named, ["temperature", "top_p", "top_k"]),
    ...(stops.length > 0 && { stop_sequences: stops }),
    ...thinking,
    ...formatOf(config, thinking.output_config, beyond),
  };
};

/** Whether the client wants to see thoughts. */
export const wantsThoughts = (body: JsonObject): boolean => {
  const config = field(body, "generationConfig");
  const thinking = isJsonObject(config) ? field(config, "thinkingConfig") : undefined;
  return isJsonObject(thinking) && field(thinking, "includeThoughts") === true;
};

/**
 * What Gemini CLI asks for with every turn is no more than this (0.61.0, of its second generation's models): that alone is no thinking on purpose, by
 * which the rules would choose another route.
 */
const usualBudget = 8192;

const thinkingOf = (config: unknown): Pick<MessagesRequest, "thinking" | "output_config"> => {
  if (!isJsonObject(config)) return {};
  const level = field(config, "thinkingLevel");
  if (typeof level === "string" && level !== "" && !/unspecified/i.test(level))
    return effortFields(level.toLowerCase());
  const budget = numberField(config, "thinkingBudget");
  if (budget === 0) return { thinking: { type: "disabled" } };
  if (typeof budget === "number" && budget > usualBudget)
    return { thinking: { type: "enabled", budget_tokens: budget } };
  if (typeof budget === "number" && budget > 0) return effortFields(budget <= 2048 ? "low" : "medium");
  return { thinking: { type: "adaptive" } };
};

const formatOf = (
  config: JsonObject,
  effort: MessagesRequest["output_config"],
  beyond: Beyond,
): Partial<MessagesRequest> => {
  const type = field(config, "responseMimeType");
  const plain = field(config, "responseJsonSchema");
  const own = field(config, "responseSchema");
  const schema = plain ?? (own === undefined ? undefined : jsonSchemaOf(own));
  if (type === undefined || type === "" || type === "text/plain") return {};
  if (type !== "application/json") {
    beyond.unsupported.add(`generationConfig.responseMimeType ${JSON.stringify(type)}`);
    return {};
  }
  const format = schema === undefined ? { type: "json_object" } : { type: "json_schema", schema };
  return outputOf(format, (given) => given["schema"], {
    field: "generationConfig.responseSchema",
    effort,
    beyond,
  });
};

const note = (config: JsonObject, beyond: Beyond): void => {
  for (const [written, value] of Object.entries(config)) {
    const name = camelOf(written);
    if (value === null || value === undefined || carriedGeneration.has(name)) continue;
    const asksNothing = beyondHub[name];
    if (asksNothing === undefined) beyond.ignored.add(`generationConfig.${name}`);
    else if (!asksNothing(value)) beyond.unsupported.add(`generationConfig.${name}`);
  }
};
