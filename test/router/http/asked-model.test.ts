/** Claude Code compares the model of an answer with its own when it takes a session up again, and leaves out the thinking of another's. */
import { describe, expect, it } from "vitest";
import { closeAfterEach } from "../../support/open.ts";
import { always, entry, provider, router } from "../../support/openai-router.ts";
import { eventsOf } from "../../support/router.ts";

closeAfterEach();

const like = (name: string, url: string): string =>
  `  ${name}: { dialect: anthropic, baseUrl: "${url}", keys: [] }`;

describe.each([
  ["openai-chat", entry.chat],
  ["openai-responses", entry.responses],
  ["gemini", entry.gemini],
  ["a provider of Anthropic's form", like],
] as const)("an answer of %s", (_, line) => {
  it.each(["claude-sonnet-4-5", "up,their-model"])(
    "names the model that the client asked for: %s",
    async (model) => {
      const up = await provider(always({ reasoning: "Hm.", text: "hi" }));
      const r = await router("providers:", line("up", up.url), 'routes: { default: "up,their-model" }');
      const streamed = await r.ask({ model, stream: true });
      expect(streamed.headers.get("x-switchyard-target")).toBe("up,their-model");
      const [start] = eventsOf(await streamed.text());
      expect(start?.data).toMatchObject({ message: { model } });
      const whole = (await (await r.ask({ model })).json()) as { model: string };
      expect(whole.model).toBe(model);
    },
  );
});
