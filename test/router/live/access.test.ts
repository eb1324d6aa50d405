/** Who may go on watching what turns do: the answer of `/api/live` never ends by itself. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeAdminToken } from "../../../src/shared/admin-token.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";

let router: TestRouter;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  router = await testRouter('routes: { default: ["demo,echo"] }');
});
afterEach(async () => {
  vi.useRealTimers();
  await router.close();
});

const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${router.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const newToken = async (): Promise<string> => {
  const { token, hash } = makeAdminToken();
  await (await post("/api/admin/token", { hash }, router.admin)).text();
  return token;
};

interface Watching {
  /** All that came, once it has ended. */
  readonly text: Promise<string>;
  ended: boolean;
}
const watch = async (headers: Record<string, string>): Promise<Watching> => {
  const answer = await fetch(`${router.url}/api/live`, { headers });
  expect(answer.status).toBe(200);
  const watching: Watching = { ended: false, text: answer.text().finally(() => (watching.ended = true)) };
  return watching;
};
const signIn = async (token: string): Promise<{ cookie: string; "x-switchyard-csrf": string }> => {
  const answer = await post("/api/login", { token });
  const { csrf } = (await answer.json()) as { csrf: string };
  return { cookie: answer.headers.get("set-cookie")!.split(";")[0]!, "x-switchyard-csrf": csrf };
};

describe("whoever watches turns", () => {
  it("is shown no more of them once the session has ended, by signing out or by another token", async () => {
    const token = await newToken();
    const [leaving, staying] = [await signIn(token), await signIn(token)];
    const [gone, kept, byToken] = [
      await watch(leaving),
      await watch(staying),
      await watch({ "x-switchyard-admin": token }),
    ];
    const machine = await watch(router.admin);
    expect((await post("/api/logout", {}, leaving)).status).toBe(200);
    vi.advanceTimersByTime(10_000);
    await gone.text;
    expect([kept.ended, byToken.ended]).toEqual([false, false]);
    await newToken();
    vi.advanceTimersByTime(10_000);
    await Promise.all([kept.text, byToken.text]);
    await (await router.ask()).text();
    expect(await kept.text).not.toContain('"begun"');
    expect(machine.ended).toBe(false);
  });
});
