/** A router in front of scripted providers, and clients of OpenAI's endpoints, for tests over real HTTP. */
import { closing } from "./open.ts";
import type { ScriptedAnswer } from "./provider/chat-stream.ts";
import { startProvider, type Script, type ScriptedProvider } from "./provider/server.ts";
import { testRouter, type TestRouter } from "./router.ts";

export const always =
  (answer: ScriptedAnswer): Script =>
  () =>
    answer;

export const provider = async (script: Script): Promise<ScriptedProvider> =>
  closing(await startProvider(script));

/** @param lines of the configuration */
export const router = async (...lines: string[]): Promise<TestRouter> =>
  closing(await testRouter(lines.join("\n")));

/** Lines of providers by their dialect, each with a key of its own. */
export const entry = {
  chat: (name: string, url: string, more = ""): string =>
    `  ${name}: { dialect: openai-chat, baseUrl: "${url}/v1", keys: ["sk-${name}-0123456789"]${more} }`,
  responses: (name: string, url: string): string =>
    `  ${name}: { dialect: openai-responses, baseUrl: "${url}/v1", keys: ["sk-${name}-0123456789"] }`,
  anthropic: (name: string, url: string): string =>
    `  ${name}: { preset: anthropic, baseUrl: "${url}", auth: key, keys: ["sk-${name}-0123456789"] }`,
  gemini: (name: string, url: string): string =>
    `  ${name}: { dialect: gemini, baseUrl: "${url}/v1beta", keys: ["sk-${name}-0123456789"] }`,
};

export const post = (
  r: TestRouter,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${r.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

export const chat = (
  r: TestRouter,
  fields: object = {},
  headers?: Record<string, string>,
): Promise<Response> =>
  post(
    r,
    "/v1/chat/completions",
    { model: "gpt-5", messages: [{ role: "user", content: "say hi" }], ...fields },
    headers,
  );

export const respond = (
  r: TestRouter,
  fields: object = {},
  headers?: Record<string, string>,
): Promise<Response> => post(r, "/v1/responses", { model: "gpt-5", input: "say hi", ...fields }, headers);
