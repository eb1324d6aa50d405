/** `docker compose` for the stack's own project. */
import type { Engine } from "../connect.ts";
import { errorTable, SwitchyardError } from "../../shared/errors.ts";
import { requireDocker } from "../docker-cli.ts";

export interface ComposeProject {
  /** Name of the compose project. */
  readonly project: string;
  /** The checkout: relative paths of an override are seen from here. */
  readonly root: string;
  /** The generated document. */
  readonly document: string;
  /** The user's additions, laid over it in their order. */
  readonly overrides: readonly string[];
}

/** Arguments up to the command. */
export const composeArguments = (of: ComposeProject): string[] => [
  "compose",
  "--project-name",
  of.project,
  "--project-directory",
  of.root,
  ...[of.document, ...of.overrides].flatMap((file) => ["--file", file]),
];

/** Compose's hash of each service, with the user's additions in it: it changes with all that would recreate the service. */
export const serviceHashes = async (engine: Engine, of: ComposeProject): Promise<Map<string, string>> => {
  const command = [...composeArguments(of), "config", "--hash", "*"];
  const output = await requireDocker(engine, command, "engine.failed", { quietDetail: true }).catch(
    (error: unknown) => {
      // What is generated is taken by compose: what it refuses is the user's own. Where compose is not there, the hint says that.
      const refused =
        error instanceof SwitchyardError &&
        error.hint === errorTable["engine.failed"].hint &&
        of.overrides.length > 0;
      if (!refused) throw error;
      throw new SwitchyardError("stack.lint", {
        detail: error.detail ?? error.message,
        hint: `Correct ${of.overrides.join(" or ")}.`,
        cause: error,
      });
    },
  );
  return new Map(
    output.split("\n").flatMap((line) => {
      const [, service, hash] = /^(\S+) ([0-9a-f]{64})$/.exec(line.trim()) ?? [];
      return service === undefined || hash === undefined ? [] : [[service, hash] as const];
    }),
  );
};

/** Creates, starts or replaces one service, and no other. */
export const upService = async (
  engine: Engine,
  of: ComposeProject,
  service: string,
  options: { readonly force: boolean },
): Promise<void> => {
  await requireDocker(
    engine,
    [
      ...composeArguments(of),
      "up",
      "--detach",
      "--no-deps",
      "--no-build",
      "--pull",
      "never",
      ...(options.force ? ["--force-recreate"] : []),
      service,
    ],
    "engine.failed",
    { quietDetail: true },
  );
};
