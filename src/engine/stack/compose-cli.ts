/** `docker compose` for the stack's own project. */
import type { Engine } from "../connect.ts";
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
  const output = await requireDocker(
    engine,
    [...composeArguments(of), "config", "--hash", "*"],
    "engine.failed",
    { quietDetail: true },
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
