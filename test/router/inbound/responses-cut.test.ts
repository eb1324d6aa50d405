/** A stream of Responses that passes as bytes and breaks off. */
import { expect, it } from "vitest";
import { entry, respond, router } from "../../support/openai-router.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { responsesStream } from "../../support/provider/responses-stream.ts";
import { rawProvider } from "../../support/provider/raw.ts";

closeAfterEach();

interface Told {
  type: string;
  sequence_number: number;
  response: { id: string; status: string; created_at: number };
}

it("a client of Responses sees the response fail that it saw begin, numbered after what came before", async () => {
  const stream = responsesStream({ text: "It breaks off in the middle of this." }, "m");
  const cut = stream.indexOf("response.output_text.done") - 90;
  const up = closing(
    await rawProvider((res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.end(stream.slice(0, cut));
    }),
  );
  const r = await router("providers:", entry.responses("up", up.url), `routes: { default: "up,m" }`);
  const text = await (await respond(r, { stream: true })).text();
  const events = [...text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1]!) as Told);
  const end = events.at(-1)!;
  expect(end.type).toBe("response.failed");
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, i) => i));
  expect(events.length).toBeGreaterThan(5);
  expect([end.response.id, end.response.created_at]).toEqual(["resp_scripted", 1]);
});
