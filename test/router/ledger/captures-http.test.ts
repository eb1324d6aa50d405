/** Prompts and answers that are kept, for administrators, over HTTP. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { testRouter, type TestRouter } from "../../support/router.ts";

let folder: string;
let router: TestRouter;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-captures-"));
  router = await testRouter(
    'routes: { default: "demo,echo" }\ncapture: { requests: true, answers: true }\nproviders: { a: { preset: openai, keys: [sk-canary-0123456789] } }\n',
    {},
    { stateFile: join(folder, "state.json") },
  );
});
afterEach(async () => {
  await router.close();
  rmSync(folder, { recursive: true, force: true });
});

const said = async (words: string): Promise<string> => {
  const answer = await router.ask({ messages: [{ role: "user", content: words }] });
  await answer.text();
  return answer.headers.get("request-id")!;
};
const get = (path: string, headers = router.admin): Promise<Response> =>
  fetch(`${router.url}${path}`, { headers });
const list = async (query = ""): Promise<{ captures: { id: string }[]; next: string | null }> =>
  (await (await get(`/api/captures${query}`)).json()) as never;
const remove = (body: object): Promise<Response> =>
  fetch(`${router.url}/api/captures/delete`, {
    method: "POST",
    headers: router.admin,
    body: JSON.stringify(body),
  });

it("they are listed, read as plain text without keys, and removed, one or all", async () => {
  const first = await said("plans with sk-canary-0123456789 in them <script>alert(1)</script>");
  const second = await said("other plans");
  await expect.poll(async () => (await list()).captures.length).toBe(2);
  const [newest] = (await list("?limit=1")).captures;
  expect(await list(`?limit=1&after=${newest!.id}`)).toMatchObject({
    captures: [{ id: newest!.id === first ? second : first }],
    next: null,
  });
  expect((await list(`?id=${first}`)).captures).toMatchObject([{ id: first }]);
  expect(await list("?id=req_none")).toEqual({ captures: [], next: null });
  expect(await (await get(`/api/captures/${first}`)).json()).toMatchObject({
    id: first,
    request: expect.any(Number),
    answer: expect.any(Number),
  });
  const prompt = await get(`/api/captures/${first}/request`);
  expect(prompt.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(prompt.headers.get("x-content-type-options")).toBe("nosniff");
  const text = await prompt.text();
  expect(text).toContain("plans with [redacted …6789] in them");
  expect(await (await get(`/api/captures/${second}/answer`)).text()).toContain("other plans");

  expect(await (await remove({ id: first })).json()).toEqual({ removed: 2 });
  expect((await get(`/api/captures/${first}`)).status).toBe(404);
  expect((await list()).captures).toMatchObject([{ id: second }]);
  expect(await (await remove({ all: true })).json()).toEqual({ removed: 2 });
  expect(await list()).toEqual({ captures: [], next: null });
});

it("only an administrator gets them, and nobody anything else", async () => {
  const id = await said("plans");
  await expect.poll(async () => (await list()).captures.length).toBe(1);
  for (const path of ["/api/captures", `/api/captures/${id}`, `/api/captures/${id}/request`])
    expect((await get(path, {})).status).toBe(401);
  writeFileSync(join(folder, "secret.request"), "secret");
  for (const away of ["..%2F..%2Fsecret", "..%2Fsecret", "%2e%2e"])
    expect((await get(`/api/captures/${away}/request`)).status).toBe(404);
  expect((await get(`/api/captures/${id}/state`)).status).toBe(404);
  expect((await remove({})).status).toBe(400);
  expect((await remove({ id: "../.." })).status).toBe(404);
  expect(readdirSync(folder)).toContain("secret.request");
});
