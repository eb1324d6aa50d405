/** A provider for each tier out of variables, as a `.env` of claude-code-proxy has them, and what a client then gets. */
import { writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { containerConfig } from "../../../src/config/container.ts";
import { place } from "../../config/support.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { smallRequest, testRouter, type TestRouter } from "../../support/router.ts";

closeAfterEach();

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly model: unknown;
}

/** A provider of Anthropic's form that says which it is. */
const provider = async (name: string) => {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { model } = JSON.parse(Buffer.concat(chunks).toString()) as { model: unknown };
      asked.push({ path: request.url ?? "", headers: request.headers, model });
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          id: "msg_1",
          type: "message",
          role: "assistant",
          model,
          content: [{ type: "text", text: name }],
          stop_reason: "end_turn",
          stop_sequence: null,
          usage: { input_tokens: 1, output_tokens: 1 },
        }),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  closing({ close: () => new Promise<void>((closed) => server.close(() => closed())) });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
};

const start = async (env: Record<string, string>, yaml = ""): Promise<TestRouter> =>
  closing(await testRouter(yaml, env));
const wordsOf = async (answer: Response): Promise<string | undefined> =>
  ((await answer.json()) as { content?: { text: string }[] }).content?.[0]?.text;
const healthOf = async (router: TestRouter) =>
  (await (await fetch(`${router.url}/health`)).json()) as Record<string, unknown>;

describe("with the variables of a tier", () => {
  it("its requests go to its provider and model, and the others take the client's own login to Anthropic", async () => {
    const glm = await provider("glm");
    const anthropic = await provider("anthropic");
    const router = await start(
      {
        HAIKU_PROVIDER_API_KEY: "sk-glm-one",
        HAIKU_PROVIDER_BASE_URL: `${glm.url}/v1/`,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: "glm-4.6",
      },
      `providers: { anthropic: { baseUrl: "${anthropic.url}" } }`,
    );
    const login = { authorization: "Bearer sk-ant-oat01-mine" };
    expect(await wordsOf(await router.ask({ model: "claude-haiku-4-5" }, login))).toBe("glm");
    expect(await wordsOf(await router.ask({ model: "glm-4.6" }, login))).toBe("glm");
    expect(await wordsOf(await router.ask({ model: "claude-sonnet-4-5" }, login))).toBe("anthropic");
    const thoughtful = { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 2048 };
    expect(await wordsOf(await router.ask({ model: "claude-opus-4-5", ...thoughtful }, login))).toBe(
      "anthropic",
    );
    expect(glm.asked.map(({ path, model }) => [path.replace(/\?.*/, ""), model])).toEqual([
      ["/v1/messages", "glm-4.6"],
      ["/v1/messages", "glm-4.6"],
    ]);
    expect(JSON.stringify(glm.asked)).not.toContain("sk-ant-oat01-mine");
    expect(glm.asked[0]?.headers["x-api-key"]).toBe("sk-glm-one");
    expect(anthropic.asked.map(({ model }) => model)).toEqual(["claude-sonnet-4-5", "claude-opus-4-5"]);
    expect(anthropic.asked[0]?.headers.authorization).toBe(login.authorization);
    expect(JSON.stringify(anthropic.asked)).not.toContain("sk-glm-one");
  });

  it("a model whose name looks like a variable is asked for by that name", async () => {
    const glm = await provider("glm");
    const router = await start({
      HAIKU_PROVIDER_API_KEY: "sk-glm-one",
      HAIKU_PROVIDER_BASE_URL: glm.url,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "glm-${HOME}",
    });
    expect(await wordsOf(await router.ask({ model: "claude-haiku-4-5" }))).toBe("glm");
    expect(glm.asked.map(({ model }) => model)).toEqual(["glm-${HOME}"]);
  });

  it("/health says of each tier which model it is, or that the client's login is used", async () => {
    const router = await start({
      HAIKU_PROVIDER_API_KEY: "k",
      HAIKU_PROVIDER_BASE_URL: "https://api.z.ai/api/anthropic",
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "glm-4.6",
      OPUS_PROVIDER_API_KEY: "k",
      OPUS_PROVIDER_BASE_URL: "https://api.z.ai/api/anthropic",
    });
    expect(await healthOf(router)).toMatchObject({
      status: "healthy",
      haiku: { model: "glm-4.6", provider_set: true },
      opus: { provider_set: true },
      sonnet: { uses_oauth: true },
    });
  });

  it("/health tells what a configuration says over them", async () => {
    const router = await start({ HAIKU_PROVIDER_API_KEY: "k" }, 'routes: { haiku: "demo,mine" }');
    expect(await healthOf(router)).toMatchObject({ haiku: { model: "mine", provider_set: true } });
  });

  it("a `.env` of the checkout does, and says so", () => {
    const here = place();
    writeFileSync(
      join(here.root, ".env"),
      "SONNET_PROVIDER_API_KEY=k-sonnet\nANTHROPIC_DEFAULT_SONNET_MODEL=m\n",
    );
    const config = here.load();
    expect(config.routes.sonnet?.use).toEqual([{ provider: "sonnet-provider", model: "m" }]);
    expect(config.providers.get("sonnet-provider")?.baseUrl).toBe("https://api.anthropic.com");
    expect(config.notices.join("\n")).toContain("sonnet goes to sonnet-provider,m");
  });

  it("one of them that is wrong is named in the error", () => {
    const env = {
      OPUS_PROVIDER_API_KEY: "k",
      OPUS_PROVIDER_BASE_URL: "not a url",
      ANTHROPIC_DEFAULT_OPUS_MODEL: "a,b",
    };
    const load = (): unknown => place().load(env);
    expect(load).toThrow("OPUS_PROVIDER_BASE_URL");
    expect(load).toThrow("ANTHROPIC_DEFAULT_OPUS_MODEL");
  });

  it("an address of a preset has its quirks, and two tiers with one key are one provider", () => {
    const config = place().load({
      HAIKU_PROVIDER_API_KEY: "same",
      HAIKU_PROVIDER_BASE_URL: "https://api.deepseek.com/anthropic/",
      OPUS_PROVIDER_API_KEY: "same",
      OPUS_PROVIDER_BASE_URL: "https://api.deepseek.com/anthropic",
      SONNET_PROVIDER_API_KEY: "other",
      SONNET_PROVIDER_BASE_URL: "https://api.deepseek.com/anthropic",
    });
    expect(config.providers.get("haiku-provider")?.quirks.thinkingHistory).toBe(true);
    expect(config.routes.opus?.use[0]?.provider).toBe("haiku-provider");
    expect(config.routes.sonnet?.use[0]?.provider).toBe("sonnet-provider");
  });

  it("a container gets the same routes, and the key by its variable", () => {
    const env = {
      OPUS_PROVIDER_API_KEY: "sk-never-in-a-file",
      OPUS_PROVIDER_BASE_URL: "http://127.0.0.1:8045",
      ANTHROPIC_DEFAULT_OPUS_MODEL: "own",
    };
    const here = place();
    const text = containerConfig(here.source(env), { port: 3000 });
    expect(text).not.toContain("sk-never-in-a-file");
    const made = parse(text) as {
      providers: Record<string, { keys?: string[]; baseUrl?: string }>;
      routes: Record<string, unknown>;
    };
    expect(made.providers["opus-provider"]).toMatchObject({
      keys: ["${OPUS_PROVIDER_API_KEY}"],
      baseUrl: "http://host.docker.internal:8045",
    });
    // The container has the key's variable alone: nothing of what the file says may change by it.
    const file = here.write("inside.yaml", text);
    const inside = here.load(
      { OPUS_PROVIDER_API_KEY: "k", SWITCHYARD_CLIENT_KEY: "c" },
      { file, keyFiles: false },
    );
    expect(inside.routes.opus?.use).toEqual([{ provider: "opus-provider", model: "own" }]);
    expect(inside.routes.think).toBeUndefined();
    expect(inside.providers.get("opus-provider")?.baseUrl).toBe("http://host.docker.internal:8045");
    expect(inside.tiersFromEnvironment).toBe(true);
  });
});

it("without a key nothing changes, and an address alone is told", async () => {
  const config = place().load({ HAIKU_PROVIDER_BASE_URL: "https://api.z.ai/api/anthropic" });
  expect(config.routes).toEqual(place().load().routes);
  expect(config.notices).toContain("HAIKU_PROVIDER_BASE_URL does nothing without HAIKU_PROVIDER_API_KEY.");
  expect(await healthOf(await start({}))).not.toHaveProperty("haiku");
});

describe("count_tokens of a provider that has none", () => {
  const yaml = (how: string): string => `
server: { countTokens: ${how} }
providers: { one: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [] } }
routes: { default: "one,m", background: , longContext: }
`;
  const count = (router: TestRouter) =>
    fetch(`${router.url}/v1/messages/count_tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: smallRequest.model, messages: smallRequest.messages }),
    });

  it("is an estimate", async () => {
    const answer = await count(await start({}, yaml("estimate")));
    expect(answer.status).toBe(200);
    expect((await answer.json()) as object).toEqual({ input_tokens: expect.any(Number) as number });
  });

  it("is 501 where estimates are refused, with what to do", async () => {
    const answer = await count(await start({}, yaml("refuse")));
    expect(answer.status).toBe(501);
    const { error } = (await answer.json()) as { error: { type: string; message: string } };
    expect(error.type).toBe("api_error");
    expect(error.message).toMatch(/one,m.*no count_tokens.*usage.*server\.countTokens/s);
  });
});
