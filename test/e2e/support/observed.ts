/** A router that others observe: what its client sends, what its providers answer, and its configuration. */
import type { Script } from "../../support/provider/server.ts";

export const key = "sk-client-0123456789";
/** Reported with each answer. */
export const usage = { prompt: 1200, completion: 340, cached: 800 };
export const answerText = "It is observed.";

/** US dollars of one such answer of `main,writer`. */
export const dollars =
  ((usage.prompt - usage.cached) * 1 + usage.cached * 0.25 + usage.completion * 2) / 1_000_000;

/** The model `broken` fails, `slow` takes a minute. */
export const answers: Script = ({ body }) => {
  if (body.model === "broken") return { error: { status: 500, body: '{"error":{"message":"it broke"}}' } };
  return { text: answerText, usage, ...(body.model === "slow" && { over: 60_000 }) };
};

/** @param url of the provider; @param more routes, and sections, as YAML */
export const observedYaml = (url: string, more: { routes: object; sections?: object }): string => `
server: { clientKeys: ["${key}"], waitForRest: 100ms }
providers:
  main: { dialect: openai-chat, baseUrl: "${url}/v1", keys: ["sk-provider-0123456789"] }
  failing: { dialect: openai-chat, baseUrl: "${url}/v1", keys: [] }
models:
  "main,writer": { price: { input: 1, output: 2, cacheRead: 0.25 } }
routes: ${JSON.stringify({ default: "main,writer", ...more.routes })}
${Object.entries(more.sections ?? {})
  .map(([name, section]) => `${name}: ${JSON.stringify(section)}`)
  .join("\n")}
`;
