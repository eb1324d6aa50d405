/** Auto mode behind the router: the client asks that its tool calls be judged, and is always told what came of it. */
import { describe, expect, it } from "vitest";
import { closeAfterEach, closing } from "../../support/open.ts";
import { anthropicMessage, anthropicStream } from "../../support/provider/anthropic-stream.ts";
import { rawProvider } from "../../support/provider/raw.ts";
import { startProvider } from "../../support/provider/server.ts";
import { eventsOf, testRouter, type TestRouter } from "../../support/router.ts";

closeAfterEach();

const safeguards = [{ type: "dangerous_tool_use", classifier_context: { v: 1, permission_mode: "auto" } }];
const unsupported = [{ type: "dangerous_tool_use", status: { type: "unsupported" } }];
const bash = { name: "Bash", input_schema: { type: "object", properties: { command: { type: "string" } } } };
const call = { tools: [{ name: "Bash", input: { command: "ls" } }] };

const bases = [
  ["openai-chat", "/v1"],
  ["openai-responses", "/v1"],
  ["gemini", "/v1beta"],
  ["anthropic", ""],
] as const;

const behind = async (provider: string): Promise<TestRouter> =>
  closing(await testRouter(`providers: { p: ${provider} }\nroutes: { default: "p,m" }`));

const resultsIn = async (res: Response, stream: boolean): Promise<unknown> => {
  const text = await res.text();
  if (!stream) return (JSON.parse(text) as Record<string, unknown>)["safeguard_results"];
  const end = eventsOf(text).find(({ event }) => event === "message_delta");
  return (end?.data["delta"] as Record<string, unknown> | undefined)?.["safeguard_results"];
};

describe.each(bases)("a provider of %s has nobody who judges", (dialect, path) => {
  it.each([true, false])("and the answer says so, where it was asked (stream: %s)", async (stream) => {
    const up = closing(await startProvider(() => call));
    const r = await behind(`{ dialect: ${dialect}, baseUrl: "${up.url}${path}", keys: [] }`);
    expect(await resultsIn(await r.ask({ stream, tools: [bash], safeguards }), stream)).toEqual(unsupported);
    expect(await resultsIn(await r.ask({ stream, tools: [bash] }), stream)).toBeUndefined();
    const other = await r.ask({ stream, tools: [bash], safeguards: [{ type: "of_next_year" }] });
    expect(await resultsIn(other, stream)).toBeUndefined();
  });
});

describe("a provider that judges", () => {
  const said = (id: string): object[] => [
    {
      type: "dangerous_tool_use",
      status: { type: "available", tool_uses: { [id]: { type: "evaluated", outcome: "flagged" } } },
    },
  ];
  const answered = (stream: boolean): { body: string; id: string } => {
    const body = (stream ? anthropicStream : anthropicMessage)(call, "m");
    const id = /"type":"tool_use","id":"([^"]+)"/.exec(body)![1]!;
    const field = `"safeguard_results":${JSON.stringify(said(id))},"stop_reason":"`;
    return { body: body.replace('"stop_reason":"', field), id };
  };

  it.each([true, false])("is heard, by the ids that the client knows (stream: %s)", async (stream) => {
    const { body } = answered(stream);
    const type = stream ? "text/event-stream" : "application/json";
    const up = closing(
      await rawProvider((res) => void res.writeHead(200, { "content-type": type }).end(body)),
    );
    const r = await behind(`{ dialect: anthropic, baseUrl: "${up.url}", keys: [] }`);
    const res = await r.ask({ stream, tools: [bash], safeguards });
    const text = await res.clone().text();
    const id = /"type":"tool_use","id":"([^"]+)"/.exec(text)![1]!;
    expect(await resultsIn(res, stream)).toEqual(said(id));
  });

  it.each([true, false])("and is Anthropic itself passes as it is (stream: %s)", async (stream) => {
    const { body, id } = answered(stream);
    const type = stream ? "text/event-stream" : "application/json";
    const up = closing(
      await rawProvider((res) => void res.writeHead(200, { "content-type": type }).end(body)),
    );
    const r = await behind(
      `{ preset: anthropic, baseUrl: "${up.url}", auth: key, keys: [sk-ant-0123456789] }`,
    );
    const res = await r.ask({ stream, tools: [bash], safeguards });
    expect(await resultsIn(res, stream)).toEqual(said(id));
    expect(up.bodies[0]).toContain("classifier_context");
  });
});
