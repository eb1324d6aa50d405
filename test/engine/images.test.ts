/** Images are named after what they are made of, and built only where they are missing, parents first. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/connect.ts";
import {
  ensureImage,
  ensureImages,
  imageName,
  type ImageName,
  type ImageRequest,
} from "../../src/engine/images.ts";

const names: readonly ImageName[] = ["client", "router", "fused-router", "litellm", "fused-litellm"];

let root: string;
let request: ImageRequest;
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "switchyard-images-"));
  for (const name of [...names, "base"]) write(`images/${name}/Dockerfile`, `of ${name}`);
  for (const file of ["package.json", "package-lock.json", "config/default.yaml", "src/a.ts"])
    write(file, file);
  request = {
    root,
    clientVersion: "2.0.0",
    litellmVersion: "1.90.0",
    cliproxyapiVersion: "6.9.0",
    uid: 1000,
    gid: 1000,
  };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("an image's name", () => {
  /** The images whose name a change changes. */
  const changedBy = (change: () => ImageRequest | void): ImageName[] => {
    const before = names.map((name) => imageName(name, request));
    const after = change() ?? request;
    return names.filter((name, i) => imageName(name, after) !== before[i]);
  };

  it("is the project's, the image's, and a hash", () => {
    for (const name of names)
      expect(imageName(name, request)).toMatch(new RegExp(`^switchyard/${name}:[0-9a-f]{12}$`));
  });

  it.each<[string, readonly ImageName[]]>([
    ["src/a.ts", ["router", "fused-router", "fused-litellm"]],
    ["package-lock.json", ["router", "fused-router", "fused-litellm"]],
    ["images/client/Dockerfile", ["client", "fused-router", "fused-litellm"]],
    ["images/litellm/start.py", ["litellm", "fused-litellm"]],
    ["images/fused-router/Dockerfile", ["fused-router"]],
    ["images/base/make.sh", names],
    ["README.md", []],
  ])("a change of %s changes it, and those of the images that stand on it", (path, changed) => {
    expect(changedBy(() => write(path, "changed"))).toEqual(changed);
  });

  it.each<[string, Partial<ImageRequest>, readonly ImageName[]]>([
    ["Claude Code", { clientVersion: "2.0.1" }, ["client", "fused-router", "fused-litellm"]],
    ["LiteLLM", { litellmVersion: "1.90.1" }, ["litellm", "fused-litellm"]],
    ["user", { uid: 1001 }, ["client", "router", "fused-router", "fused-litellm"]],
  ])("another %s is another image", (_, other, changed) => {
    expect(changedBy(() => ({ ...request, ...other }))).toEqual(changed);
  });

  it("the user's own configuration, and what a run of Python leaves behind, do not change it", () => {
    expect(
      changedBy(() => {
        write("config/switchyard.yaml", "providers: {}");
        write("config/work.local.yaml", "providers: {}");
        write("images/litellm/__pycache__/start.cpython-311.pyc", "compiled");
      }),
    ).toEqual([]);
  });

  it("another base is another image", () => {
    for (const name of names)
      expect(imageName(name, request, "debian:mine")).not.toBe(imageName(name, request));
  });
});

describe("an image that is asked for", () => {
  const official = "ghcr.io/berriai/litellm:v1.90.0";
  const base = "node:24-bookworm-slim";
  let there: Set<string>;
  let said: string[];

  /** Stands in for the engine: `there` is what it has. */
  const engine = (): Engine =>
    ({
      docker: {
        getImage: (name: string) => ({
          inspect: () =>
            there.has(name)
              ? Promise.resolve({})
              : Promise.reject(Object.assign(new Error("no"), { statusCode: 404 })),
        }),
        listImages: () => Promise.resolve([]),
      },
      env: { PATH: `${root}/bin:/usr/bin:/bin`, XDG_CACHE_HOME: root },
      builder: "default",
    }) as unknown as Engine;

  /** Stands in for the `docker` command: writes down what it was asked and does as `script` says. */
  const docker = (script: string): void => {
    write("bin/docker", `#!/bin/sh\necho "$*" >>"${root}/asked"\n${script}\n`);
    chmodSync(join(root, "bin/docker"), 0o755);
  };
  const asked = (): string[] =>
    existsSync(join(root, "asked")) ? readFileSync(join(root, "asked"), "utf8").trim().split("\n") : [];
  /** The images that were built, in their order. */
  const built = (): (string | undefined)[] =>
    asked()
      .filter((line) => line.startsWith("buildx build"))
      .map((line) => /--tag (\S+)/.exec(line)?.[1]);
  const argumentsOf = (tag: string): Record<string, string> => {
    const line = asked().find((each) => each.includes(`--tag ${tag} `)) ?? "";
    return Object.fromEntries(
      [...line.matchAll(/--build-arg (\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]),
    );
  };
  const ensure = (name: ImageName, more: { rebuild?: boolean } = {}): Promise<string> =>
    ensureImage(engine(), name, request, { env: { HOME: root }, say: (line) => said.push(line), ...more });
  const noRegistry = 'case $1 in pull) echo "no such host"; exit 1 ;; esac';

  beforeEach(() => {
    there = new Set([base]);
    said = [];
    docker(noRegistry);
  });

  it("is built after those that it is made from, which it is told by name", async () => {
    const image = await ensure("fused-litellm");
    const [client, router, litellm] = (["client", "router", "litellm"] as const).map((name) =>
      imageName(name, request),
    );
    expect(built()).toEqual([client, router, litellm, image]);
    expect(argumentsOf(image)).toMatchObject({ CLIENT: client, ROUTER: router, LITELLM: litellm });
    expect(argumentsOf(client!)).toEqual({
      BASE: base,
      CLAUDE_CODE_VERSION: "2.0.0",
      CLIENT_UID: "1000",
      CLIENT_GID: "1000",
    });
  });

  it("is found where it is, and nothing else is looked at: its parents may be gone", async () => {
    const image = imageName("fused-router", request);
    there = new Set([image]);
    expect(await ensure("fused-router")).toBe(image);
    expect({ asked: asked(), said }).toEqual({ asked: [], said: [] });
  });

  it("of its parents only what is missing is built", async () => {
    there.add(imageName("client", request));
    const image = await ensure("fused-router");
    expect(built()).toEqual([imageName("router", request), image]);
    expect(argumentsOf(image)["CLIENT"]).toBe(imageName("client", request));
  });

  it("is built from nothing, parents too, where that is asked for", async () => {
    for (const name of names) there.add(imageName(name, request));
    const image = await ensure("fused-router", { rebuild: true });
    expect(built()).toEqual([imageName("client", request), imageName("router", request), image]);
    expect(asked().every((line) => line.includes("--no-cache"))).toBe(true);
  });

  it("is not built where a parent fails, and the error has the build's words", async () => {
    docker(`case $* in *images/router/*) echo "E: cannot reach the registry"; exit 1 ;; esac`);
    await expect(ensure("fused-router")).rejects.toMatchObject({
      code: "engine.buildFailed",
      detail: "E: cannot reach the registry",
    });
    expect(built()).not.toContain(imageName("fused-router", request));
  });

  it("several are built one after the other, and each is told by name", async () => {
    const images = await ensureImages(engine(), ["router", "litellm", "client"], request, {
      env: { HOME: root },
      say: () => undefined,
    });
    expect(built()).toEqual([images.router, images.litellm, images.client]);
  });

  it("LiteLLM's is made from PyPI where its official image cannot be pulled, and the registry is not asked again", async () => {
    const image = await ensure("litellm");
    expect(asked()[0]).toBe(`pull --quiet ${official}`);
    expect(argumentsOf(image)).toEqual({ BASE: base, LITELLM_VERSION: "1.90.0", LITELLM_SOURCE: "pypi" });
    expect(said.join("\n")).toContain("cannot be pulled (no such host): LiteLLM is installed from PyPI");
    there.add(image);
    const before = asked().length;
    expect(await ensure("litellm")).toBe(image);
    expect(asked()).toHaveLength(before);
  });

  it("LiteLLM's stands on the official one where that can be pulled; the fused one does not", async () => {
    docker("");
    const image = await ensure("litellm");
    expect(argumentsOf(image)["LITELLM_SOURCE"]).toBe("official");
    there.add(image);
    expect(await ensure("litellm")).toBe(image);
    const fused = await ensure("fused-litellm");
    const parent = argumentsOf(fused)["LITELLM"]!;
    expect(parent).not.toBe(image);
    expect(argumentsOf(parent)["LITELLM_SOURCE"]).toBe("pypi");
  });

  it("a full disk during the pull is said as such, and nothing is built", async () => {
    docker('echo "write /var/lib: no space left on device"; exit 1');
    await expect(ensure("litellm")).rejects.toMatchObject({ code: "engine.noSpace" });
    expect(built()).toEqual([]);
  });
});
