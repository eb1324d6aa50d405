/** Where the engine is looked for. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { engineAddresses } from "../../src/engine/address.ts";

const none = (): undefined => undefined;
const files =
  (contents: Record<string, unknown>) =>
  (file: string): string | undefined =>
    file in contents ? JSON.stringify(contents[file]) : undefined;
const metaOf = (name: string, folder = "/home/me/.docker"): string =>
  `${folder}/contexts/meta/${createHash("sha256").update(name).digest("hex")}/meta.json`;
const meta = (host: string) => ({ Name: "any", Endpoints: { docker: { Host: host } } });

describe("engine addresses", () => {
  it("DOCKER_HOST is the only one where it is set", () => {
    const read = files({
      "/home/me/.docker/config.json": { currentContext: "colima" },
      [metaOf("colima")]: meta("unix:///c"),
    });
    expect(engineAddresses({ DOCKER_HOST: "tcp://10.0.0.1:2376" }, "/home/me", read)).toEqual([
      { host: "tcp://10.0.0.1:2376", from: "DOCKER_HOST" },
    ]);
  });

  it("the current context is used as Docker's own client does", () => {
    const read = files({
      "/home/me/.docker/config.json": { currentContext: "colima" },
      [metaOf("colima")]: meta("unix:///home/me/.colima/default/docker.sock"),
    });
    expect(engineAddresses({}, "/home/me", read)).toEqual([
      {
        host: "unix:///home/me/.colima/default/docker.sock",
        from: "the context 'colima'",
        context: "colima",
      },
    ]);
  });

  it("DOCKER_CONTEXT stands above the configured one, and DOCKER_CONFIG moves the folder", () => {
    const read = files({
      "/etc/own/config.json": { currentContext: "one" },
      [metaOf("one", "/etc/own")]: meta("unix:///one"),
      [metaOf("two", "/etc/own")]: meta("unix:///two"),
    });
    const hosts = (env: Record<string, string>) =>
      engineAddresses(env, "/home/me", read).map(({ host }) => host);
    expect(hosts({ DOCKER_CONFIG: "/etc/own" })).toEqual(["unix:///one"]);
    expect(hosts({ DOCKER_CONFIG: "/etc/own", DOCKER_CONTEXT: "two" })).toEqual(["unix:///two"]);
  });

  it("a context that is not there is said, not passed over for another engine", () => {
    const [only, ...others] = engineAddresses({ DOCKER_CONTEXT: "gone" }, "/home/me", none);
    expect(only).toMatchObject({ host: "", context: "gone" });
    expect(only?.from).toContain("not there");
    expect(others).toEqual([]);
  });

  it("without a word of the user the usual places are tried, the system's first", () => {
    const hosts = engineAddresses({ XDG_RUNTIME_DIR: "/run/user/1000" }, "/home/me", none).map(
      ({ host }) => host,
    );
    expect(hosts[0]).toBe("unix:///var/run/docker.sock");
    expect(hosts).toContain("unix:///run/user/1000/docker.sock");
    expect(hosts).toContain("unix:///home/me/.docker/run/docker.sock");
    expect(hosts).toContain("unix:///home/me/.colima/default/docker.sock");
  });

  it("the context named default, and a broken file, mean the usual places", () => {
    const usual = engineAddresses({}, "/home/me", none);
    expect(
      engineAddresses(
        {},
        "/home/me",
        files({ "/home/me/.docker/config.json": { currentContext: "default" } }),
      ),
    ).toEqual(usual);
    expect(engineAddresses({}, "/home/me", () => "{ not json")).toEqual(usual);
  });
});
