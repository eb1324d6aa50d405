/** The real client in the fused container, against a scripted provider in the same compose project. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { scenarioScript } from "../../support/provider/scenarios.ts";
import { type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { scenarios, telltaleConfig } from "../support/sessions.ts";
import { describeWithEngine } from "./engine.ts";
import { type Fixture, fixture } from "./fixture.ts";
import { addProvider, providerUrl, requestsOf } from "./provider-service.ts";

const env = { SCRIPTED_KEY: "sk-scripted-0123456789" };

/** A root without capabilities needs one scenario of its own: the one in which it writes. */
const users = [
  { who: "an ordinary user", uid: 1234, names: Object.keys(scenarios) },
  { who: "root", uid: 0, names: Object.keys(scenarios).slice(0, 1) },
];

for (const { who, uid, names } of users) {
  describeWithEngine(`claude in the fused container of ${who}`, (engine) => {
    let at: Fixture;
    beforeAll(() => {
      at = fixture(engine, uid, telltaleConfig(providerUrl), env);
      addProvider(at, uid);
    });
    afterAll(() => at.remove());

    for (const name of names) {
      it(name, async () => {
        const mark = (await requestsOf(engine, at)).length;
        await scenarios[name]!({
          project: at,
          folder: "/workspace",
          claude: (args, input) => at.run(["claude", ...args], input),
          bash: (script) => at.bash(script),
          asked: async () => (await requestsOf(engine, at)).slice(mark),
        });
      });
    }
  });
}

/** A login as the client keeps it after `/login`, far from its end. */
const login = (token: string): string =>
  JSON.stringify({
    claudeAiOauth: {
      accessToken: token,
      refreshToken: "sk-ant-ort01-unused",
      expiresAt: Date.now() + 8 * 3_600_000,
      scopes: ["user:inference", "user:profile"],
      subscriptionType: "max",
    },
  });

describeWithEngine("the user's own login in the fused container", (engine) => {
  const token = "sk-ant-oat01-of-the-user-0123456789";
  let at: Fixture;
  beforeAll(() => {
    const config = `
providers:
  own:     { dialect: anthropic, baseUrl: "${providerUrl}/own", auth: passthrough }
  other:   { dialect: anthropic, baseUrl: "${providerUrl}/other", keys: ["\${SCRIPTED_KEY}"] }
routes: { default: "own,*", haiku: "other,some-model", background: "other,some-model" }
`;
    at = fixture(engine, 1234, config, env);
    addProvider(at, 1234);
  });
  afterAll(() => at.remove());

  it("reaches the passthrough provider, and no other", async () => {
    await at.bash("umask 077; cat >~/.claude/.credentials.json", login(token));
    const asked = async (args: string[]) => {
      const mark = (await requestsOf(engine, at)).length;
      const { stdout } = await at.run(["claude", "-p", "SCRIPT:say", ...args]);
      expect(stdout).toBe("Hello from the script.\n");
      return (await requestsOf(engine, at)).slice(mark);
    };
    const own = await asked([]);
    expect(own.map(({ url }) => url.split("?")[0])).toEqual(["/own/v1/messages"]);
    expect(own[0]!.headers.authorization).toBe(`Bearer ${token}`);
    const other = await asked(["--model", "haiku"]);
    expect(other.map(({ url }) => url.split("?")[0])).toEqual(["/other/v1/messages"]);
    expect(JSON.stringify(other)).not.toContain(token);
    // The router's own key is for nobody else.
    for (const { headers } of [...own, ...other])
      expect(Object.keys(headers).join()).not.toContain("switchyard");
  });
});

describeWithEngine("a provider on the user's own machine", (engine) => {
  let at: Fixture;
  let provider: ScriptedProvider;
  beforeAll(async () => {
    // As such a server must: a container does not reach what listens on loopback alone.
    provider = await startProvider(scenarioScript, { host: "0.0.0.0" });
    at = fixture(engine, 1234, telltaleConfig(provider.url), env);
  });
  afterAll(async () => {
    await at.remove();
    await provider.close();
  });

  it("is reached from the container by the address that it has on the machine", async () => {
    expect(provider.url).toContain("127.0.0.1");
    const said = await at.run(["claude", "-p", "SCRIPT:say"]);
    expect(said.stdout).toBe("Hello from the script.\n");
    expect(provider.requests.map((request) => request.body.model)).toEqual(["default-model"]);
  });

  it("a key that it does not accept is said at once, by us and by the client, and nothing is repeated", async () => {
    const refusing = await startProvider(
      () => ({ error: { status: 401, body: '{"error":{"message":"no such key here"}}' } }),
      { host: "0.0.0.0" },
    );
    const refused = fixture(engine, 1234, telltaleConfig(refusing.url), env);
    const result = await refused.run(["claude", "-p", "SCRIPT:say"]);
    await refused.remove();
    await refusing.close();
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("switchyard: scripted does not accept its key …6789 (status 401)");
    expect(result.stdout).toContain("no such key here");
    expect(refusing.requests).toHaveLength(1);
    expect(result.stdout + result.stderr).not.toContain(env.SCRIPTED_KEY);
  });
});
