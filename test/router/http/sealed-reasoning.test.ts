/**
 * Encrypted reasoning of a client that speaks its provider's own protocol: the bytes pass, and all the same no other provider gets what it could
 * not read ("The encrypted content … could not be verified", for ever, after a switch).
 */
import { describe, expect, it } from "vitest";
import { markSealed, openSealed } from "../../../src/router/inbound/openai-responses/sealed-items.ts";
import { closeAfterEach } from "../../support/open.ts";
import { entry, post, provider, respond, router } from "../../support/openai-router.ts";
import { responsesSummary } from "../../support/openai-streams.ts";
import type { Script } from "../../support/provider/server.ts";
import { strictly } from "../../support/strict/script.ts";

closeAfterEach();

const sealed = "sealed-by-the-script";
const asked = [{ role: "user", content: [{ type: "input_text", text: "list, please: é" }] }];
const tools = [{ type: "function", name: "shell", parameters: { type: "object" }, strict: false }];
const script: Script = () => ({ reasoning: "hm", tools: [{ name: "shell", input: { cmd: "ls" } }] });
type Item = { type: string; call_id?: string; encrypted_content?: string };

const results = (items: readonly Item[]): object[] =>
  items
    .filter((item) => item.type === "function_call")
    .map((item) => ({ type: "function_call_output", call_id: item.call_id, output: "a.txt" }));

/** Two providers of Responses: the first takes what it sealed, the second nothing that is sealed. */
const two = async () => {
  const first = await provider(strictly("openai-responses", { issued: new Set([sealed]) }, script));
  const second = await provider(strictly("openai-responses", { issued: new Set() }, script));
  const r = await router(
    "providers:",
    entry.responses("first", first.url),
    entry.responses("second", second.url),
    'routes: { default: "first,gpt-5.5" }',
  );
  return { first, second, r };
};

describe.each([true, false])("a client of Responses, streamed: %s", (stream) => {
  const itemsOf = async (res: Response): Promise<Item[]> => {
    const text = await res.text();
    expect(res.status, text).toBe(200);
    if (!stream) return (JSON.parse(text) as { output: Item[] }).output;
    const seen = responsesSummary(text);
    expect(seen.problems).toEqual([]);
    return seen.output as unknown as Item[];
  };

  it("has its reasoning go back as it came, in its own bytes", async () => {
    const { first, r } = await two();
    const items = await itemsOf(await respond(r, { stream, tools, input: asked }));
    expect(items[0]?.encrypted_content).toContain(sealed);
    expect(items[0]?.encrypted_content).not.toBe(sealed);
    // White space and the order of fields are the client's own: they would not survive being written anew.
    const input = JSON.stringify([...asked, ...items, ...results(items)], null, 2);
    const body = (sent: string): string =>
      `{ "stream":${String(stream)},  "novelty": 1.0, "model": "gpt-5.5", "input": ${sent} }`;
    await post(r, "/v1/responses", body(input.replace('"call_id"', '"call_id" ')));
    const wanted = body(input.replace('"call_id"', '"call_id" ')).replaceAll(
      items[0]!.encrypted_content!,
      sealed,
    );
    expect(first.requests[1]?.raw).toBe(wanted);
  });

  it("goes on with another provider of Responses, and back, and none gets what it would reject", async () => {
    const { first, second, r } = await two();
    const history: object[] = [...asked];
    for (const model of ["first,gpt-5.5", "second,gpt-5.5", "first,gpt-5.5-mini", "first,gpt-5.5"]) {
      const res = await respond(r, { stream, tools, model, input: history });
      expect(res.headers.get("x-switchyard-attempts"), r.logs.join("")).toBe("1");
      const items = (await itemsOf(res)).map((item, i) => ({
        ...item,
        id: `${item.type}_${history.length}${i}`,
      }));
      for (const item of items) if (item.type === "function_call") Object.assign(item, { id: undefined });
      history.push(...items, ...results(items));
    }
    const reasoning = (raw: string | undefined): number => raw?.split(sealed).length ?? 0;
    expect(second.requests[0]?.raw).not.toContain(sealed);
    // The other model of the first provider gets none either.
    expect(first.requests.map((request) => reasoning(request.raw) - 1)).toEqual([0, 0, 1]);
    expect([...first.requests, ...second.requests].map((request) => request.raw).join("")).not.toContain(
      "switchyard",
    );
  });
});

describe("the mark", () => {
  const origin = { provider: { name: "p", dialect: "openai-responses" }, model: "gpt-5.5" } as const;

  it("is written at sealed content alone, whatever else quotes it", () => {
    const text = JSON.stringify({ encrypted_content: "quoted" });
    const item = { type: "reasoning", encrypted_content: "é", summary: [text] };
    const answer = { output: [item, { encrypted_content: null }, { encrypted_content: "" }, { text }] };
    const marked = markSealed(Buffer.from(JSON.stringify(answer)), origin);
    const read = JSON.parse(marked.toString()) as typeof answer;
    const [sealedItem, ...others] = read.output;
    expect(others).toEqual(answer.output.slice(1));
    expect(sealedItem).toMatchObject({ type: "reasoning", summary: [text] });
    expect((sealedItem as typeof item).encrypted_content).toMatch(/^switchyard\.from:[0-9a-f]{16}:é$/);
    const opened = openSealed(read.output, marked, origin);
    expect(opened.input).toEqual(answer.output);
    expect(JSON.parse(opened.rawBody!.toString())).toEqual(answer);
  });

  it("is none where nothing is sealed: the bytes are the very same", () => {
    const bytes = Buffer.from('{"output":[]}');
    expect(markSealed(bytes, origin)).toBe(bytes);
    expect(openSealed([{ type: "message" }], bytes, origin).rawBody).toBe(bytes);
  });
});
