/** A provider of openai-chat whose streams a test begins and ends. */
import type { ServerResponse } from "node:http";
import { until } from "../../support/cli.ts";
import { rawProvider, type RawProvider } from "../../support/provider/raw.ts";

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

export interface HeldProvider extends RawProvider {
  /** Waits until so many streams are open. */
  open(count: number): Promise<void>;
  /** Ends all that are open, as a provider does. */
  finish(): void;
}

/** Each answer begins with one word, and goes on when the test says so. @param usage as it is reported at the end; default: it is not */
export const heldProvider = async (word = "begun", usage?: object): Promise<HeldProvider> => {
  const held: ServerResponse[] = [];
  const reported = usage === undefined ? "" : `data: ${JSON.stringify({ id: "c", choices: [], usage })}\n\n`;
  const provider = await rawProvider((res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write(chunk({ role: "assistant", content: word }));
    held.push(res);
  });
  return {
    ...provider,
    open: (count) => until(() => held.length >= count, `${count} open streams`),
    finish: () => {
      for (const res of held.splice(0))
        res.end(`${chunk({ content: " and done" })}${chunk({}, "stop")}${reported}data: [DONE]\n\n`);
    },
  };
};

/** A configuration with that provider alone. @param more lines of YAML */
export const configFor = (url: string, more = "", model = "m"): string => `
providers:
  up: { dialect: openai-chat, baseUrl: "${url}/v1", keys: [] }
routes: { default: ["up,${model}"], background: , think: , longContext: , webSearch: }
${more}
`;
