/** Lints what compose would run: the generated file with the user's additions, merged by compose itself. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { SwitchyardError } from "../shared/errors.ts";
import { isJsonObject } from "../shared/json.ts";
import { type ComposeLike, type Finding, lintCompose } from "../stack/lint.ts";
import type { Engine } from "./connect.ts";
import { requireDocker } from "./docker-cli.ts";
import { isGone } from "./engine-status.ts";

/** Compose's own words, without the values that it may have put into them. */
const withoutSecrets = (error: unknown, secrets: readonly string[]): unknown => {
  if (!(error instanceof SwitchyardError) || error.detail === undefined) return error;
  const detail = secrets.reduce(
    (text, each) => (each === "" ? text : text.replaceAll(each, "…")),
    error.detail,
  );
  return new SwitchyardError(error.code, { detail, hint: error.hint });
};

/**
 * The merged document. It holds interpolated values: never to be logged.
 * @throws SwitchyardError engine.failed with compose's own words
 */
const mergedDocument = async (
  engine: Engine,
  files: readonly string[],
  project: string,
  root: string,
  secrets: readonly string[],
): Promise<ComposeLike> => {
  const args = [
    "compose",
    "--project-name",
    project,
    "--project-directory",
    root,
    ...files.flatMap((file) => ["--file", file]),
    "config",
  ];
  try {
    const { stdout } = await promisify(execFile)("docker", [...args, "--format", "json"], {
      env: engine.env,
      maxBuffer: 16 * 1024 * 1024,
    });
    const document: unknown = JSON.parse(stdout);
    if (isJsonObject(document)) return document;
  } catch {
    // Why, and whether docker is there at all, is found out below; this error would hold all that was printed.
  }
  try {
    await requireDocker(engine, [...args, "--quiet"], "engine.failed", { quietDetail: true });
  } catch (error) {
    throw withoutSecrets(error, secrets);
  }
  throw new SwitchyardError("engine.failed", { detail: "docker compose config printed no JSON" });
};

/** Name -> who has a container of that name, other than this compose project. */
const nameHolders = async (engine: Engine, project: string): Promise<ReadonlyMap<string, string>> => {
  const holders = new Map<string, string>();
  for (const each of await engine.docker.listContainers({ all: true })) {
    const theirs = each.Labels["com.docker.compose.project"];
    if (theirs === project) continue;
    const words =
      theirs === undefined ? `a container of the image ${each.Image}` : `the compose project '${theirs}'`;
    for (const name of each.Names) holders.set(name.replace(/^\//, ""), words);
  }
  return holders;
};

/** Image -> whether it has a healthcheck; one that is not there has no entry. */
const imageHealthchecks = async (
  engine: Engine,
  document: ComposeLike,
): Promise<ReadonlyMap<string, boolean>> => {
  const known = new Map<string, boolean>();
  for (const { image } of Object.values(document.services ?? {})) {
    if (image === undefined || known.has(image)) continue;
    try {
      const { Config } = await engine.docker.getImage(image).inspect();
      const test = (Config as { Healthcheck?: { Test?: string[] } }).Healthcheck?.Test;
      known.set(image, test !== undefined && test[0] !== "NONE");
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return known;
};

/**
 * Lints what `docker compose up` with these files would start.
 * @param files the generated file first, then the user's own
 * @param project name of the compose project
 * @param root folder that relative paths start from
 * @param secrets values that must not be visible
 * @param willExist files that are written before anything is started
 * @throws SwitchyardError engine.failed where compose itself refuses the files, with its words
 */
export const checkCompose = async (
  engine: Engine,
  files: readonly string[],
  project: string,
  root: string,
  secrets: readonly string[],
  willExist: (path: string) => boolean = () => false,
): Promise<Finding[]> => {
  const document = await mergedDocument(engine, files, project, root, secrets);
  const generated =
    files.length > 1 ? await mergedDocument(engine, files.slice(0, 1), project, root, secrets) : document;
  const holders = await nameHolders(engine, project);
  const healthchecks = await imageHealthchecks(engine, document);
  // Of another machine's files nothing is known here.
  const local = engine.address.host.startsWith("unix://");
  return lintCompose(document, {
    fileExists: (path) => !local || existsSync(path) || willExist(path),
    secrets,
    generated,
    nameHolder: (name) => holders.get(name),
    imageHealthcheck: (image) => healthchecks.get(image),
  });
};
