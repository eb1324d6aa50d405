/** Sessions of the real client on profiles, whichever the runtime: written once, run for each. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { scenarioScript } from "../../support/provider/scenarios.ts";
import type { ScriptedProvider, Script } from "../../support/provider/server.ts";
import type { Finished, Project } from "./project.ts";

/** A provider's key of these tests. */
export const scriptedKey = "sk-scripted-0123456789";

/** @param url of the scripted provider @param more lines of the configuration */
export const profilesConfig = (url: string, more = ""): string => `
providers:
  one: { dialect: openai-chat, baseUrl: "${url}/one/v1", keys: ["\${SCRIPTED_KEY}"] }
  two: { dialect: anthropic, baseUrl: "${url}/two", keys: ["\${SCRIPTED_KEY}"] }
  own: { dialect: anthropic, baseUrl: "${url}/own", auth: passthrough }
routes: { default: "one,usual", background: , think: , longContext: , webSearch: , image: }
profiles:
  first: { models: { opus: "one,first-opus", sonnet: "one,first-sonnet", haiku: "one,first-haiku" } }
  second: { models: { opus: "two,second-opus", sonnet: "two,second-sonnet", haiku: "two,second-haiku" }, contextWindow: 120000 }
  mine: { models: { opus: "own,*", sonnet: "own,*", haiku: "one,cheap" } }
${more}`;

/** Which provider was asked for which model, in order. */
export const askedOf = (provider: ScriptedProvider, since = 0): string[] =>
  provider.requests
    .slice(since)
    .filter(({ url }) => !url.includes("count_tokens"))
    .map(({ url, body }) => `${/^\/(\w+)/.exec(url)?.[1]},${body.model}`);

/** As the usual scenarios; those who say MEET are answered once two of them are there. */
export const meetingScript = (): Script => {
  let waiting: (() => void)[] = [];
  return async (request) => {
    if (request.raw.includes("MEET"))
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length < 2) return;
        for (const each of waiting) each();
        waiting = [];
      });
    return scenarioScript(request);
  };
};

export interface ProfileWorld {
  readonly own: Project;
  readonly provider: ScriptedProvider;
  /** Runs `switchyard claude` with options of it, and arguments of the client. */
  readonly claude: (options: string[], args: string[]) => Promise<Finished>;
  /** Keeps a login as the client does after `/login`. */
  readonly login: (credentials: string) => Promise<void>;
}

const say = ["-p", "SCRIPT:say", "--model", "sonnet"];

/** A login as the client keeps it, far from its end. */
export const credentialsOf = (token: string): string =>
  JSON.stringify({
    claudeAiOauth: {
      accessToken: token,
      refreshToken: "sk-ant-ort01-unused",
      expiresAt: Date.now() + 8 * 3_600_000,
      scopes: ["user:inference", "user:profile"],
      subscriptionType: "max",
    },
  });

export const profileScenarios: Record<string, (world: ProfileWorld) => Promise<void>> = {
  "two sessions at once, each on its profile: both are under way before either is answered": async ({
    claude,
    provider,
  }) => {
    const mark = provider.requests.length;
    const meet = ["-p", "MEET SCRIPT:say", "--model", "sonnet"];
    const both = await Promise.all([
      claude(["--profile", "first"], meet),
      claude(["--profile", "second"], meet),
    ]);
    for (const { status, stdout } of both)
      expect({ status, stdout }).toEqual({ status: 0, stdout: "Hello from the script.\n" });
    expect(askedOf(provider, mark).toSorted()).toEqual(["one,first-sonnet", "two,second-sonnet"]);
  },

  "a target stands in for a profile, and without one the routes of the configuration serve": async ({
    claude,
    provider,
  }) => {
    const mark = provider.requests.length;
    await claude(["--profile", "two,any/model:x"], say);
    await claude([], say);
    expect(askedOf(provider, mark)).toEqual(["two,any/model:x", "one,usual"]);
  },

  "a repository whose settings name another address, key, profile or model does not lead the session away":
    async ({ own, claude, provider }) => {
      const mark = provider.requests.length;
      const folder = join(own.workspace, ".claude");
      mkdirSync(folder);
      const env = {
        ANTHROPIC_BASE_URL: "http://127.0.0.1:9/elsewhere",
        ANTHROPIC_AUTH_TOKEN: "sk-of-somebody-else",
        ANTHROPIC_CUSTOM_HEADERS: "x-switchyard-profile: second",
        HTTP_PROXY: "http://127.0.0.1:9",
        ANTHROPIC_MODEL: "two,elsewhere",
        ANTHROPIC_DEFAULT_SONNET_MODEL: "two,elsewhere",
        ANTHROPIC_DEFAULT_OPUS_MODEL: "two,elsewhere",
      };
      writeFileSync(join(folder, "settings.json"), JSON.stringify({ env }));
      try {
        const { stdout } = await claude(["--profile", "first"], say);
        expect(stdout).toBe("Hello from the script.\n");
        expect(askedOf(provider, mark)).toEqual(["one,first-sonnet"]);
        await claude(["--profile", "first"], ["-p", "SCRIPT:say"]);
        expect(askedOf(provider, mark)[1]).toMatch(/^one,first-/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },

  "the user's own login reaches the provider that it is for untouched, while another tier goes elsewhere without it":
    async ({ claude, provider, login }) => {
      const token = "sk-ant-oat01-of-the-user-0123456789";
      await login(credentialsOf(token));
      const mark = provider.requests.length;
      await claude(["--profile", "mine"], say);
      await claude(["--profile", "mine"], ["-p", "SCRIPT:say", "--model", "haiku"]);
      const [own, other] = provider.requests.slice(mark);
      expect(own?.url.split("?")[0]).toBe("/own/v1/messages");
      expect(own?.headers.authorization).toBe(`Bearer ${token}`);
      expect(other?.url).toBe("/one/v1/chat/completions");
      expect(other?.headers.authorization).toBe(`Bearer ${scriptedKey}`);
      expect(JSON.stringify(other)).not.toContain(token);
      for (const each of [own, other]) expect(JSON.stringify(each?.headers)).not.toContain("switchyard");
    },

  "the client's status is passed on, and its arguments arrive as they are": async ({ claude }) => {
    const failed = await claude(["--profile", "first"], ["--no-such-option"]);
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("unknown option '--no-such-option'");
    const said = await claude(["--profile", "first"], ["-p", 'SCRIPT:say:it\'s "$HOME" | ok']);
    expect(said.stdout).toBe('it\'s "$HOME" | ok\n');
  },
};
