/** CLIProxyAPI as a service of the stack: the real client behind it, and which account is asked, as the provider sees it. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { lastWords } from "../../../../src/engine/containers.ts";
import { finished, until, untilPrinted } from "../../../support/cli.ts";
import { selfSigned } from "../../../support/self-signed.ts";
import { codexHost, writeAccount } from "../../support/codex-accounts.ts";
import { root } from "../../support/project.ts";
import { describeWithEngine } from "../engine.ts";
import { type StackFixture, stackFixture } from "./fixture.ts";

const wayOutPort = 8081;
const model = "gpt-5.3-codex";

describeWithEngine("CLIProxyAPI in the stack", (engine) => {
  let at: StackFixture;
  let network: Record<string, string>;
  const tokens = { plus: "", pro: "" };
  const accounts = (): string => join(at.stateDir, "cliproxyapi");
  const cli = (...args: string[]) => at.cli(args, { env: network });
  const up = () =>
    cli("up", "router", "claude-code", "cliproxyapi", "provider", "wayout", "--workspace", at.workspace);

  beforeAll(async () => {
    at = stackFixture(engine, "  cliproxyapi: { enabled: true, port: 0 }\n");
    const provider = "provider:8080";
    const identity = join(at.folder, "identity");
    const { certificate, key } = selfSigned([codexHost]);
    mkdirSync(identity);
    writeFileSync(join(identity, "ca.pem"), certificate);
    writeFileSync(join(identity, "key.pem"), key);
    // What this machine trusts as well: an image may have to be built first.
    const machine = process.env["NODE_EXTRA_CA_CERTS"] ?? "";
    const others = machine === "" ? rootCertificates.join("\n") : readFileSync(machine, "utf8");
    writeFileSync(join(at.folder, "ca.pem"), `${others}\n${certificate}`);
    network = { SWITCHYARD_CA: join(at.folder, "ca.pem") };
    const wayout = {
      image: at.providerImage,
      entrypoint: ["node", "/test/support/way-out-main.ts", "/identity", String(wayOutPort)],
      command: [`${codexHost}=http://${provider}`],
      init: true,
      volumes: [`${join(root, "test")}:/test:ro`, `${identity}:/identity:ro`],
      networks: ["stack"],
    };
    writeFileSync(
      join(at.stateDir, "compose", "override.services.yaml"),
      stringify({ services: { wayout } }),
    );
    const proxied = { proxy_url: `http://wayout:${wayOutPort}` };
    tokens.plus = writeAccount(accounts(), "anna", "plus", proxied);
    tokens.pro = writeAccount(accounts(), "bert", "pro", proxied);
    expect(await up()).toMatchObject({ status: 0 });
  });
  afterAll(() => at?.remove());

  /** Whose tokens the provider was asked with since the last look. */
  const seen = async (): Promise<Set<string>> =>
    new Set((await at.asked()).map(({ headers }) => (headers.authorization ?? "").replace("Bearer ", "")));
  const claude = (name: string) =>
    at.inside(`claude --model ${name} -p 'SCRIPT:say:From an account.' </dev/null`);
  const published = async (): Promise<string> =>
    `http://${(await at.service("cliproxyapi")).published[0] ?? ""}`;

  it("is up with the others, on this machine alone, and takes the stack's own key and no other", async () => {
    const service = await at.service("cliproxyapi");
    expect(service).toMatchObject({ state: "running", health: "healthy", version: "6.9.16" });
    expect(await published()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const key = (await cli("accounts", "key")).stdout.trim();
    const ask = async (path: string, token: string): Promise<number> =>
      (await fetch(`${await published()}${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await ask("/v1/models", key)).toBe(200);
    expect(await ask("/v1/models", `${key}x`)).toBe(401);
    // Without a key anybody on this machine could offer models there.
    expect(await ask("/v1/ws", "")).toBe(401);
    expect(await ask("/v0/management/config", key)).toBe(404);
    expect((await cli("status")).stdout).toMatch(/cliproxyapi\s+running\s+healthy\s+6\.9\.16/);
  });

  it("Claude Code is answered by the account that goes first, by way of the router", async () => {
    expect(await cli("accounts", "priority")).toMatchObject({ status: 0 });
    await at.asked();
    const first = await claude(`cliproxyapi,${model}`);
    expect([first.status, first.stdout.trim()]).toEqual([0, "From an account."]);
    expect(await seen()).toEqual(new Set([tokens.plus]));

    expect(await cli("accounts", "priority", "bert", "200")).toMatchObject({ status: 0 });
    expect(await claude(`cliproxyapi,${model}`)).toMatchObject({ status: 0 });
    expect(await seen()).toEqual(new Set([tokens.pro]));
  });

  it("the profile codex is served by it", async () => {
    const body = {
      model: "claude-opus-4-6",
      max_tokens: 64,
      messages: [{ role: "user", content: "SCRIPT:say:Yes." }],
    };
    const answer = await at.inside(
      `curl -s "$ANTHROPIC_BASE_URL/p/codex/v1/messages" -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN" -D - -d '${JSON.stringify(body)}'`,
    );
    expect(answer.stdout).toContain(`x-switchyard-target: cliproxyapi,${model}`);
    expect(answer.stdout).toContain("Yes.");
  });

  it("a switch has the client ask it itself, and back", async () => {
    expect(await cli("switch", "cliproxyapi")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("router -> cliproxyapi (healthy)") as string,
    });
    await at.asked();
    expect(await claude(model)).toMatchObject({ status: 0, stdout: "From an account.\n" });
    expect(await seen()).toEqual(new Set([tokens.pro]));
    expect(await cli("switch", "router")).toMatchObject({ status: 0 });
  });

  it("neither its key nor a token stands in its container's description, its log or the compose file", async () => {
    const key = (await cli("accounts", "key")).stdout.trim();
    const { id, container } = await at.service("cliproxyapi");
    const inspected = JSON.stringify(await engine.docker.getContainer(id).inspect());
    const document = readFileSync(join(at.stateDir, "compose", "services.yaml"), "utf8");
    const log = (await cli("logs", "--service", "cliproxyapi")).stdout;
    expect(log).toContain("cliproxyapi");
    for (const secret of [key, tokens.plus, tokens.pro]) {
      expect(inspected).not.toContain(secret);
      expect(document).not.toContain(secret);
      expect(log + (await lastWords(engine, container))).not.toContain(secret);
    }
  });

  it("a second `up` changes nothing", async () => {
    const again = await up();
    expect([again.status, again.stderr]).toEqual([0, expect.stringContaining("everything runs already")]);
  });

  it("a login has a container of its own, which the browser finds by a port of this machine", async () => {
    const child = spawn(
      join(root, "bin/switchyard"),
      ["accounts", "login", "codex", "--config", at.config],
      // It asks for this machine's public address, for its words on SSH: nobody is to answer.
      { env: { ...at.env, ...network, HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" } },
    );
    const end = finished(child);
    const [, state = ""] = await untilPrinted(child, "stdout", /auth\.openai\.com\S*[?&]state=([\w-]+)/);
    const back = `http://127.0.0.1:1455/auth/callback?error=access_denied&state=${state}`;
    await until(
      () =>
        fetch(back).then(
          () => true,
          () => false,
        ),
      "the login's port",
      10_000,
    );
    expect(await end).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("no account was added") as string,
    });
    const containers = await engine.docker.listContainers({ all: true });
    expect(containers.flatMap(({ Names }) => Names)).not.toContain(`/${at.name}-accounts-login`);
  });

  it("`clean` says that logins go, and they do", async () => {
    const planned = await cli("clean", "--dry-run");
    expect(planned.stdout).toMatch(/cliproxyapi.*logins of CLIProxyAPI's accounts/);
    expect(existsSync(accounts())).toBe(true);
    expect(await cli("clean", "--yes")).toMatchObject({ status: 0 });
    expect(existsSync(accounts())).toBe(false);
  });
});
