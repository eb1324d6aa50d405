/** Taken ports are named with their owners; what the lint finds is what the real compose lets through. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBase } from "../../../src/engine/base.ts";
import { checkCompose } from "../../../src/engine/compose-lint.ts";
import { removeContainer } from "../../../src/engine/containers.ts";
import { freePort, portOwner } from "../../../src/engine/ports.ts";
import { checkoutRoot } from "../../../src/shared/paths.ts";
import { type LintCase, lintCases, ownKey } from "../../stack/lint-cases.ts";
import { describeWithEngine } from "./engine.ts";

const run = promisify(execFile);

describeWithEngine("who holds a port", (engine) => {
  const id = `ports-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const made: string[] = [];
  let base = "";
  beforeAll(async () => {
    base = (await ensureBase(engine, checkoutRoot(), process.env["SWITCHYARD_BASE"], () => undefined)).image;
  }, 300_000);
  afterAll(async () => {
    for (const each of made) await removeContainer(engine.docker.getContainer(each));
  });

  const started = async (
    name: string,
    port: number,
    options: { labels?: Record<string, string>; ip?: string; command?: string[]; network?: string } = {},
  ): Promise<void> => {
    const container = await engine.docker.createContainer({
      name: `${id}-${name}`,
      Image: base,
      Cmd: options.command ?? ["sleep", "300"],
      Labels: options.labels ?? {},
      ExposedPorts: { "80/tcp": {} },
      HostConfig: {
        Init: true,
        ...(options.network === undefined
          ? { PortBindings: { "80/tcp": [{ HostIp: options.ip ?? "127.0.0.1", HostPort: String(port) }] } }
          : { NetworkMode: options.network }),
      },
    });
    made.push(container.id);
    await container.start();
  };
  const ask = (port: number, project = id): Promise<string | undefined> =>
    portOwner(engine, port, { project }).then((found) => found?.owner);

  it.each(["127.0.0.1", "0.0.0.0"])(
    "a foreign container on %s, by name, image and compose project",
    async (ip) => {
      const port = await freePort();
      await started(`foreign-${ip}`, port, { ip, labels: { "com.docker.compose.project": "shop" } });
      expect(await ask(port)).toBe(
        `the container '${id}-foreign-${ip}' (image ${base}, compose project 'shop')`,
      );
    },
  );

  it("another Switchyard project, by name, checkout and workspace; for itself the port is free", async () => {
    const port = await freePort();
    await started("other", port, {
      labels: {
        "io.switchyard.project": `${id}-other`,
        "io.switchyard.workspace": "/home/user/work",
        "com.docker.compose.project": `${id}-other`,
        "com.docker.compose.project.working_dir": "/home/user/switchyard",
      },
    });
    expect(await ask(port)).toBe(
      `the Switchyard project '${id}-other' (container ${id}-other, checkout /home/user/switchyard, workspace /home/user/work)`,
    );
    expect(await ask(port, `${id}-other`)).toBeUndefined();
  });

  it("a process of this machine, by number and program", async () => {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-ports-"));
    const script = join(folder, "holder.js");
    writeFileSync(
      script,
      `const s = require("node:net").createServer().listen(0, "127.0.0.1", () => console.log(s.address().port));`,
    );
    const child = spawn(process.execPath, [script, "--key=not-to-be-shown"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [first] = (await once(child.stdout, "data")) as [Buffer];
      expect(await ask(Number(first.toString()))).toBe(`the process ${child.pid} (node holder.js)`);
    } finally {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("a container with the machine's own network, though the engine publishes nothing for it", async () => {
    const port = await freePort();
    const script = `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => ${port}, Listen => 1) or die; sleep 300`;
    await started("host-network", port, { network: "host", command: ["perl", "-e", script] });
    await expect
      .poll(() => ask(port), { timeout: 15_000 })
      .toBe(`the container '${id}-host-network' (image ${base})`);
  });
});

describeWithEngine("lint of a compose file", (engine) => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-lint-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const project = `lint-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  let count = 0;
  /** JSON is YAML. */
  const written = (document: object): string => {
    const file = join(folder, `${count++}.yaml`);
    writeFileSync(file, JSON.stringify(document));
    return file;
  };
  const check = (files: string[]): ReturnType<typeof checkCompose> =>
    checkCompose(engine, files, project, folder, [ownKey]);
  const passes = (file: string): Promise<boolean> =>
    run("docker", ["compose", "--project-name", project, "--file", file, "config", "--quiet"], {
      env: engine.env,
    }).then(
      () => true,
      () => false,
    );

  describe("compose itself lets it through, the lint does not", () => {
    it.each(lintCases.filter(({ finds, refused }) => finds.length > 0 && refused !== true))(
      "$title",
      async (given: LintCase) => {
        const file = written(given.document);
        expect(await passes(file)).toBe(true);
        // As a second file the case is what the user adds to it.
        const generated = given.generated === undefined ? [] : [written(given.generated)];
        const findings = await check([...generated, file]);
        expect(
          findings.map(({ severity, rule, service, key }) =>
            [severity, rule, service, key].filter(Boolean).join(" "),
          ),
        ).toEqual(given.finds);
        expect(JSON.stringify(findings)).not.toContain(ownKey);
      },
    );
  });

  it.each(lintCases.filter(({ refused }) => refused === true))(
    "compose finds by itself: $title",
    async (given) => {
      const file = written(given.document);
      expect(await passes(file)).toBe(false);
      await expect(check([file])).rejects.toMatchObject({ code: "engine.failed" });
    },
  );

  it("a key that reaches the file by a variable is found, and not shown", async () => {
    const file = written({
      services: { a: { image: "example", environment: { TOKEN: "${LINT_TEST_KEY}" } } },
    });
    const withKey = { ...engine, env: { ...engine.env, LINT_TEST_KEY: ownKey } };
    const findings = await checkCompose(withKey, [file], project, folder, [ownKey]);
    expect(findings.map(({ rule, key }) => `${rule} ${key}`)).toEqual(["secret.visible environment.TOKEN"]);
    expect(JSON.stringify(findings)).not.toContain(ownKey);
  });

  it("a file that compose refuses is refused in its own words, without the user's keys", async () => {
    const file = written({ services: { a: { image: "example", ports: [`${ownKey}:80`] } } });
    await expect(check([file])).rejects.toMatchObject({
      code: "engine.failed",
      detail: "Invalid hostPort: …",
    });
  });

  it(
    "a container name that somebody has is found before compose stumbles over it",
    { timeout: 300_000 },
    async () => {
      const { image } = await ensureBase(
        engine,
        checkoutRoot(),
        process.env["SWITCHYARD_BASE"],
        () => undefined,
      );
      const name = `${project}-taken`;
      const other = await engine.docker.createContainer({ name, Image: image, Cmd: ["true"] });
      try {
        const file = written({ services: { a: { image: "example", container_name: name } } });
        expect((await check([file])).map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
          `name.taken: the name '${name}' is taken by a container of the image ${image}`,
        ]);
      } finally {
        await removeContainer(other);
      }
    },
  );
});
