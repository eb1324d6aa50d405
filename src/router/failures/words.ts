/**
 * What providers mean whatever their status says: words and codes in their error answers. The first row that fits decides. A provider's own habit
 * is a row here, with the provider named; `failures.rules` of the configuration goes before them.
 */
import { aboutOutput, isTooLong, noMoney, wrongKey } from "../dialects/shared/errors.ts";
import type { Cools, FailureKind } from "./kinds.ts";

export interface WordRow {
  readonly kind: FailureKind;
  /** Statuses, as the dialect gave them; 2xx stands for a failure within a stream. */
  readonly status: (status: number) => boolean;
  readonly says: (words: string) => boolean;
  /** Instead of what the table says of the kind. */
  readonly cools?: Cools;
}

const any = (): boolean => true;
const below500 = (status: number): boolean => status < 500;
/** A request that was judged, not one that was turned away at the door. */
const judged = (status: number): boolean => status < 500 && status !== 401 && status !== 429;
const oneOf =
  (...statuses: number[]) =>
  (status: number): boolean =>
    statuses.includes(status);
const has =
  (...patterns: RegExp[]) =>
  (words: string): boolean =>
    patterns.some((pattern) => pattern.test(words));

/** A code that is the whole value of `code` or `type` in the body: numbers would be found anywhere else. */
const code = (numbers: string): RegExp =>
  new RegExp(String.raw`"(?:code|type)"\s*:\s*"?(?:${numbers})"?\s*[,}]`);

export const wordRows: readonly WordRow[] = [
  // OpenAI and Groq: one request larger than a whole minute's tokens. To wait would not help.
  {
    kind: "unable",
    status: oneOf(400, 413, 429),
    says: has(/request too large for[^.]*(?:tokens per min|\bTPM\b)/i),
  },
  {
    kind: "unable",
    status: judged,
    says: has(aboutOutput, /max_tokens[^.]{0,60}(?:exceeds|greater than|must be less)/i),
  },
  // A 500 as well: llama.cpp and its like.
  { kind: "contextTooLong", status: (status) => judged(status) || status === 500, says: isTooLong },
  {
    kind: "reasoningRejected",
    status: oneOf(400, 404, 422),
    says: has(
      // Anthropic
      /invalid [`'"]?(?:signature|data)[`'"]? in [`'"]?(?:redacted_)?thinking/i,
      /(?:redacted_)?thinking[`'"]? blocks[^.]*cannot be modified/i,
      /expected [`'"]?thinking[`'"]? or [`'"]?redacted_thinking/i,
      // OpenAI Responses, and who speaks it
      /invalid_encrypted_content|thinking_signature_invalid/i,
      /encrypted[ _]content\b.{0,200}(?:could not|cannot) be (?:verified|decrypted)/is,
      /item '?rs_\w*'? of type '?reasoning/i,
      /item with id '?rs_\w*'? not found/i,
      // Gemini
      /thought[_ ]signature is (?:not valid|invalid)|(?:invalid|corrupted) thought[_ ]signature/i,
    ),
  },
  // Reasoning that is missing: taking more of it away would not help.
  {
    kind: "unable",
    status: oneOf(400, 422),
    says: has(
      /missing a [`'"]?thought_signature/i,
      /(?:reasoning_content|thinking)[^.]{0,80}(?:must be passed back|is missing)/i,
    ),
  },
  {
    kind: "unable",
    status: judged,
    says: has(
      /(?:does not|doesn't|do not) support (?:tools?|tool[ _](?:use|calling|choice)|function calling|images?|image input|vision)/i,
      /(?:tools?|image input|images?|vision) (?:is|are) not supported/i,
      /no endpoints found (?:that support|matching)/i,
      /unsupported_country|user location is not supported|not available in your (?:country|region)/i,
    ),
  },
  // Groq: the model wrote a call that its server cannot read. The next answer may be another.
  { kind: "broken", status: oneOf(400), says: has(/tool_use_failed/) },
  // Limits of one model that pass, in words that look like an empty account: Gemini's by the minute and day, OpenRouter's free models.
  {
    kind: "rateLimited",
    status: oneOf(429),
    says: has(/"quotaId"\s*:|free-models-per-/i),
  },
  // OpenRouter: the provider behind it is at its limit. A key of ours changes nothing.
  { kind: "overloaded", status: oneOf(429), says: has(/rate-limited upstream/i) },
  {
    kind: "quota",
    status: below500,
    says: has(
      noMoney,
      // ChatGPT's plans, Ollama's cloud, Kimi's plan
      /usage_limit_reached|usage_not_included|(?:reached|exceeded) your [\w ]{0,30}(?:usage limit|usage quota)/i,
      // Z.AI and BigModel: balance, plan of five hours, a week or a month, plan that has ended
      code("1113|1308|1309|1310|131[6-9]|132[01]"),
      /usage limit reached for|limit exhausted/i,
      // Anthropic's own limit of spending, a 400
      /reached your specified api usage limits/i,
      // xAI, Ollama, OpenRouter, Ark, DashScope
      /used all available credits|spending limit|payment is past due|requires more credits|out of credits/i,
      /key limit exceeded|AccountOverdue|AllocationQuota\.FreeTierOnly|free (?:allocated )?quota[^.]{0,30}exhausted/i,
      // Claude's plans
      /usage limit reached\|\d{10}/i,
    ),
  },
  {
    kind: "overloaded",
    status: (status) => status === 429 || status >= 500,
    says: has(
      // `engine_overloaded_error` of Moonshot comes with 429.
      /overloaded|insufficient_system_resource|slow_down/i,
      /(?:over|at|no|insufficient) capacity|capacity_exceeded|(?:experiencing|due to) high demand/i,
      // Z.AI
      code("1305|1312"),
    ),
  },
  // A page of some guard in between: it is not the key that it dislikes.
  { kind: "unable", status: oneOf(403), says: has(/<html|<!doctype|page of HTML/i) },
  { kind: "badRequest", status: oneOf(403), says: has(/moderation|flagged|content policy/i) },
  // The key is good, and may not use this model.
  {
    kind: "keyRejected",
    cools: "key-model",
    status: oneOf(403),
    says: has(/model/i),
  },
  { kind: "keyRejected", status: (status) => below500(status) && status !== 429, says: has(wrongKey) },
  {
    kind: "modelUnknown",
    status: oneOf(400, 403, 404, 422),
    says: has(
      /model_not_found|model_not_supported|invalid_model|unknown[_ ]model|model not exist|model_decommissioned/i,
      /model [`'"]?[^\s`'"]{1,120}[`'"]? (?:does not exist|(?:is |was )?not found|is not supported|is not available|has been (?:decommissioned|deprecated))/i,
      /not a valid model|no such model|invalid model\b|not found the model/i,
      // Z.AI
      code("1211"),
    ),
  },
  {
    kind: "rateLimited",
    status: (status) => judged(status) || status === 500 || status === 503,
    says: has(
      /rate[_ -]?limit(?:ed|s|_exceeded| exceeded|_error)|RESOURCE_EXHAUSTED|too many requests|throttling/i,
      // Z.AI: too many at once, too many in a row
      code("1302|1303"),
    ),
  },
  { kind: "overloaded", status: any, says: has(/\boverloaded_error\b/) },
];
