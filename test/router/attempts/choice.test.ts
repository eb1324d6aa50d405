/** Which of a route's targets a turn goes to, before anything failed. */
import { describe, expect, test } from "vitest";
import { entryOf, failing, turnLines } from "../../support/attempts.ts";
import { closeAfterEach } from "../../support/open.ts";
import { router } from "../../support/openai-router.ts";
import type { TestRouter } from "../../support/router.ts";

closeAfterEach();

const behind = async (route: string, ...more: string[]): Promise<TestRouter> => {
  const [a, b] = [await failing({ text: "a", delay: 400 }), await failing({ text: "b" })];
  return router(
    "providers:",
    entryOf("a", a),
    entryOf("b", b),
    `routes: { default: { use: ["a,m", "b,n"], ${route} } }`,
    ...more,
  );
};
const targetOf = async (r: TestRouter, body: object = {}): Promise<string | null> => {
  const res = await r.ask({ stream: true, ...body });
  await res.text();
  return res.headers.get("x-switchyard-target");
};
const picture = {
  messages: [
    {
      role: "user",
      content: [
        { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
        { type: "text", text: "what is it?" },
      ],
    },
  ],
};

test("in order, the first target goes first", async () => {
  expect(await targetOf(await behind("choose: order"))).toBe("a,m");
});

test("the fastest goes first, once each has been measured", async () => {
  const r = await behind("choose: fastest");
  expect(new Set([await targetOf(r), await targetOf(r)])).toEqual(new Set(["a,m", "b,n"]));
  expect([await targetOf(r), await targetOf(r)]).toEqual(["b,n", "b,n"]);
});

test("the cheapest goes first, and a price that nobody knows last", async () => {
  const prices = (a: string, b: string): string => `models: { m: { ${a} }, n: { ${b} } }`;
  const dear = "price: { input: 3, output: 15 }";
  expect(
    await targetOf(await behind("choose: cheapest", prices(dear, "price: { input: 1, output: 5 }"))),
  ).toBe("b,n");
  expect(await targetOf(await behind("choose: cheapest", prices("tools: true", dear)))).toBe("b,n");
});

describe("a target that cannot take the request is not tried, and the log says why", () => {
  test("an image goes to a model that sees", async () => {
    const r = await behind("choose: order", "models: { m: { images: false } }");
    expect(await targetOf(r, picture)).toBe("b,n");
    expect(turnLines(r)[0]).toMatchObject({ attempts: 1, skipped: ["a,m: it sees no images"] });
    expect(await targetOf(r)).toBe("a,m");
  });

  test("a long conversation goes to a window that it fits into", async () => {
    const r = await behind("choose: order", "models: { m: { context: 500 } }");
    const long = { messages: [{ role: "user", content: "many words and more of them ".repeat(300) }] };
    expect(await targetOf(r, long)).toBe("b,n");
    expect(JSON.stringify(turnLines(r)[0]?.["skipped"])).toContain("do not fit into its 500");
  });

  test("where none can, the first is tried all the same", async () => {
    const r = await behind("choose: order", "models: { m: { images: false }, n: { images: false } }");
    expect(await targetOf(r, picture)).toBe("a,m");
  });
});
