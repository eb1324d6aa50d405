/** Routers in front of providers that fail, for tests of what a turn does about it. */
import type { ScriptedAnswer } from "./provider/chat-stream.ts";
import type { Script, ScriptedProvider } from "./provider/server.ts";
import { provider, router } from "./openai-router.ts";
import type { TestRouter } from "./router.ts";

/** Retries without the waits between them. */
export const quick = "failures: { wait: { first: 1ms, longest: 1ms } }";

/** A provider of the configuration. @param fields further fields of it; without `keys` it needs none */
export const entryOf = (name: string, { url }: { url: string }, fields: string = quick): string =>
  `  ${name}: { dialect: openai-chat, baseUrl: "${url}/v1", ${fields.includes("keys:") ? "" : "keys: [], "}${fields} }`;

/** One answer after the other; the last one again and again. */
export const inTurn = (...answers: ScriptedAnswer[]): Script => {
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)]!;
};

/** A refusal in OpenAI's form. */
export const refusal = (
  status: number,
  message = "no",
  headers: Record<string, string> = {},
): ScriptedAnswer => ({
  error: { status, body: JSON.stringify({ error: { message } }), headers },
});

export const failing = (...answers: ScriptedAnswer[]): Promise<ScriptedProvider> =>
  provider(inTurn(...answers));

/** The keys with which a provider was asked, in order. */
export const keysAsked = ({ requests }: ScriptedProvider): string[] =>
  requests.map(({ headers }) => String(headers.authorization).replace("Bearer ", ""));

/** The router's line of each turn. */
export const turnLines = ({ logs }: { logs: readonly string[] }): Record<string, unknown>[] =>
  logs.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line["msg"] === "turn");

/** A router that tries the model `m` of each of these in order. @param entries lines of providers */
export const trying = (...entries: string[]): Promise<TestRouter> => {
  const targets = entries.map((entry) => `"${/\w+/.exec(entry)![0]},m"`);
  return router("providers:", ...entries, `routes: { default: [${targets.join(", ")}] }`);
};
