/** What starts a backend inside its container. */
import { describe, expect, it } from "vitest";
import { type BackendStart, backendStart } from "../../src/fuse/container-backends.ts";
import { backendKeysFile, routerStateDir } from "../../src/shared/container-layout.ts";
import { backendNamed, backendNames, backends } from "../../src/shared/backends.ts";

/** What a backend gets, by whichever way. */
const givenTo = ({ stdin, keysFile }: BackendStart): string => stdin ?? keysFile ?? "";
const keysOf = (start: BackendStart): Record<string, string> =>
  JSON.parse(givenTo(start)) as Record<string, string>;

describe.each(backendNames)("%s in a container", (name) => {
  const backend = backends[name];

  it("gets its keys on one line, and neither its command line nor its environment holds one", () => {
    const start = backendStart(backend, { keys: { SOME_KEY: "sk-some\nkey" } }, "/c.yaml");
    const { command, env } = start;
    expect(givenTo(start)).not.toContain("\n");
    expect(keysOf(start)["SOME_KEY"]).toBe("sk-some\nkey");
    expect(JSON.stringify([command, env])).not.toContain("sk-some");
    expect(command).toContain("/c.yaml");
    expect(command).toContain(String(backend.port));
  });

  it("the client's key is made anew for each container, and the backend knows it", () => {
    const [one, two] = [1, 2].map(() => backendStart(backend, { keys: {} }, "/c.yaml"));
    expect(one!.clientKey).toMatch(/^sy-[0-9a-f]{48}$/);
    expect(two!.clientKey).not.toBe(one!.clientKey);
    expect(keysOf(one!)["SWITCHYARD_CLIENT_KEY"]).toBe(one!.clientKey);
  });

  it("a client's key of the user's own is taken", () => {
    const keys = { SWITCHYARD_CLIENT_KEY: "mine" };
    expect(backendStart(backend, { keys }, "/c.yaml").clientKey).toBe("mine");
    expect(backendStart(backend, { keys: {}, clientKey: "theirs" }, "/c.yaml").clientKey).toBe("theirs");
  });

  it("has a row of its own in the table", () => {
    expect(backendNamed(name)).toBe(backend);
    const others = backendNames.filter((each) => each !== name).map((each) => backends[each]);
    for (const field of ["port", "configSecret", "fusedService", "projectSuffix", "failed"] as const)
      expect(others.map((each) => each[field])).not.toContain(backend[field]);
  });
});

it("the router's keys lie in a file of its own closed folder, where a reload can replace them", () => {
  const { command, stdin } = backendStart(backends.router, { keys: {} }, "/c.yaml");
  expect(stdin).toBeUndefined();
  expect(command[command.indexOf("--keys-file") + 1]).toBe(backendKeysFile);
});

it("what the router remembers, its ledger among it, lies in the volume that outlives the container", () => {
  const { command } = backendStart(backends.router, { keys: {} }, "/c.yaml");
  expect(command[command.indexOf("--state") + 1]).toBe(routerStateDir);
  expect(backends.router.keepsState).toBe(true);
});

describe("LiteLLM in a container", () => {
  const start = () =>
    backendStart(backends.litellm, { keys: { LITELLM_MASTER_KEY: "", GIVEN: "x" } }, "/c.yaml");

  it("has a master key that nobody else has: neither the client nor the next container", () => {
    const one = start();
    const { clientKey } = one;
    const master = keysOf(one)["LITELLM_MASTER_KEY"];
    expect(master).toMatch(/^sy-[0-9a-f]{48}$/);
    expect(master).not.toBe(clientKey);
    expect(keysOf(start())["LITELLM_MASTER_KEY"]).not.toBe(master);
  });

  it("with a configuration of the user's own that asks for none it gets none", () => {
    const given = backendStart(backends.litellm, { keys: { GIVEN: "x" } }, "/c.yaml");
    expect(Object.keys(keysOf(given)).toSorted()).toEqual(["GIVEN", "SWITCHYARD_CLIENT_KEY"]);
  });
});

it("a backend that is not known is none", () => {
  expect(backendNamed("toString")).toBeUndefined();
  expect(backendNamed("")).toBeUndefined();
});
