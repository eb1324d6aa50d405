/**
 * What the fused images run: `supervise BACKEND` (the container itself), and by `docker exec`: `reserve` (wait until the backend
 * is ready and keep the container for the shell that follows), `enter [--session=ID] -- CMD…` (a shell), `ask METHOD PATH` and `reload` (of the router). `usage QUESTION` reads what closed shells left, in a container of its own. `seed` and `usage-of` are helpers of these.
 */
import { argv, env, exit } from "node:process";
import { type Backend, backendNamed } from "../shared/backends.ts";
import { clientConfigDir, workspaceDir } from "../shared/container-layout.ts";
import { messageOf, SwitchyardError } from "../shared/errors.ts";

const backendOf = (name: string): Backend => {
  const backend = backendNamed(name);
  if (backend === undefined)
    throw new SwitchyardError("usage.invalid", { detail: `this image does not know '${name}'` });
  return backend;
};

const run = async ([verb, ...rest]: readonly string[]): Promise<number> => {
  switch (verb) {
    case "supervise":
      return (await import("./container.ts")).supervise(env, backendOf(rest[0] ?? "router"));
    case "reserve":
      return (await import("./container-enter.ts")).reserve();
    case "ask":
      return (await import("./container-visit.ts")).ask(env, rest[0] ?? "GET", rest[1] ?? "/health");
    case "reload":
      return (await import("./container-visit.ts")).reload(env);
    case "usage":
      return (await import("./container-usage.ts")).tellUsage(rest[0] ?? "");
    case "usage-of":
      return (await import("./container-usage.ts")).tellUsageOf(rest[0] ?? "", rest.slice(1));
    case "enter": {
      const dashes = rest.indexOf("--");
      return (await import("./container-enter.ts")).enter(dashes < 0 ? [] : rest.slice(dashes + 1), env);
    }
    case "seed": {
      const { seedClient } = await import("./client-seed.ts");
      const { containerStatusLine: statusLine } = await import("./status-line-copy.ts");
      await seedClient(
        { configDir: clientConfigDir, isolated: true, statusLine },
        workspaceDir,
        modelsOf(rest[0]),
      );
      return 0;
    }
    default:
      throw new SwitchyardError("usage.invalid", { detail: `this image does not know '${verb ?? ""}'` });
  }
};

/** Names of targets, as the supervisor has them; undefined: there is no list. */
const modelsOf = (text: string | undefined): string[] | undefined =>
  text === undefined || text === "" ? undefined : text.split("\n");

try {
  exit(await run(argv.slice(2)));
} catch (error) {
  // The caller says what did not become ready; here it is why.
  const why = error instanceof SwitchyardError ? (error.detail ?? error.message) : messageOf(error);
  process.stderr.write(`switchyard: ${why}\n`);
  exit(error instanceof SwitchyardError ? error.exitStatus : 1);
}
