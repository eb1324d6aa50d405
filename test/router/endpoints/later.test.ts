/** Endpoints whose code comes with their first request: nobody's answer fails or is lost for it. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import type { Handler, RouterContext } from "../../../src/router/endpoints/context.ts";
import { later } from "../../../src/router/endpoints/later.ts";

const context = {} as RouterContext;
const reply = {} as FastifyReply;
const ask = (handler: Handler, id: string): unknown => handler({ id } as FastifyRequest, reply);

test("requests that come while the code is imported are handled in their order, by one import; later ones at once", async () => {
  const handled: string[] = [];
  let imports = 0;
  const handler = later(async () => {
    imports++;
    await new Promise((resolve) => setImmediate(resolve));
    return () =>
      ({ id }) =>
        void handled.push(id);
  })(context);
  await Promise.all([ask(handler, "first"), ask(handler, "second"), ask(handler, "third")]);
  expect(handled).toEqual(["first", "second", "third"]);
  void ask(handler, "fourth");
  expect(handled.at(-1)).toBe("fourth");
  expect(imports).toBe(1);
});

test("an import that failed is told to the request that asked, and tried again with the next", async () => {
  let broken = true;
  const handler = later(async () => {
    if (broken) throw new Error("too many open files");
    return () => () => "answered";
  })(context);
  await expect(ask(handler, "first")).rejects.toThrow("too many open files");
  broken = false;
  expect(await ask(handler, "second")).toBe("answered");
});
