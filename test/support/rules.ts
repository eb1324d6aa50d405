/** Routes that tell by the model's name where a request went, and short ways to ask for a decision. */
import { targetName, type Config } from "../../src/config/types.ts";
import type { MessagesRequest } from "../../src/protocol/anthropic.ts";
import { route, type Decision } from "../../src/router/rules/index.ts";
import { testConfig } from "./config.ts";

export const providers = `
providers:
  one: { dialect: openai-chat, baseUrl: "http://127.0.0.1:1/v1", keys: [] }
  Two: { dialect: openai-chat, baseUrl: "http://127.0.0.1:2/v1", keys: [] }
  off: { dialect: openai-chat, baseUrl: "http://127.0.0.1:3/v1", keys: ["\${OFF_KEY}"] }
`;
export const routes = `
routes:
  default: ["one,default", "Two,fallback"]
  longContext: { use: "one,long", threshold: 2000 }
  background: "one,background"
  webSearch: "one,search"
  think: "one,think"
`;
export const usual = testConfig(providers + routes);
export const withRoutes = (more: string): Config => testConfig(`${providers}${routes}${more}`);

export const request = (fields: Partial<MessagesRequest> = {}): MessagesRequest => ({
  model: "claude-opus-5-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "hello" }],
  ...fields,
});

export const decide = (
  fields: Partial<MessagesRequest> = {},
  config: Config = usual,
  headers: Record<string, string> = {},
): Promise<Decision> => {
  const asked = request(fields);
  return route(asked, headers, config, { rawBytes: JSON.stringify(asked).length });
};
export const ruleOf = async (...args: Parameters<typeof decide>): Promise<string> =>
  (await decide(...args)).rule;
export const targetsOf = async (...args: Parameters<typeof decide>): Promise<string[]> =>
  (await decide(...args)).targets.map(targetName);
