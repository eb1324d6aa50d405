/** Images of the project: each a hash of all that it is made of, built with its parents where it is not there, found again where it is. */
import { homedir } from "node:os";
import { basename, dirname } from "node:path";
import { SwitchyardError } from "../shared/errors.ts";
import { labels } from "../shared/container-layout.ts";
import { ensureBase, hasImage } from "./base.ts";
import { buildInputs } from "./build-inputs.ts";
import type { Engine } from "./connect.ts";
import { classifyFailure, requireDocker, runDocker, tailOf } from "./docker-cli.ts";
import { sweepImages } from "./housekeeping.ts";
import { chainOf, definitions, type ImageKey, keyedName, type ImageRequest } from "./image-table.ts";

export { hasImage } from "./base.ts";
export type { ImageRequest } from "./image-table.ts";

/** The images that can be asked for. Of some there are two makes, of which `ensureImage` chooses. */
export type ImageName = Exclude<ImageKey, `${string}-official`>;

export interface ImageOptions {
  /** Default: this process's. SWITCHYARD_BASE names another base image. */
  readonly env?: NodeJS.ProcessEnv;
  /** One line for the user. */
  readonly say: (line: string) => void;
  /** Output of a build, as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Build even what is there, from nothing, parents too. */
  readonly rebuild?: boolean;
}

/**
 * Full name of an image, `switchyard/<name>:<hash>`, whether it is there or not. For `litellm`: of the make from PyPI.
 * @param base the user's own choice of a base image (SWITCHYARD_BASE); empty or left out: the usual one
 */
export const imageName = (name: ImageName, request: ImageRequest, base?: string): string =>
  keyedName(name, request, base);

const build = async (
  engine: Engine,
  key: ImageKey,
  request: ImageRequest,
  options: ImageOptions,
): Promise<void> => {
  const env = options.env ?? process.env;
  const named = env["SWITCHYARD_BASE"];
  const { dockerfile, args, parents, base: onBase } = definitions[key];
  const image = keyedName(key, request, named);
  const base = onBase ? await ensureBase(engine, request.root, named, options.say) : undefined;
  options.say(`building ${image} (once; later starts reuse it)`);
  const given = {
    ...args(request),
    ...(base !== undefined && { BASE: base.image }),
    ...Object.fromEntries(
      Object.entries(parents).map(([argument, parent]) => [argument, keyedName(parent, request, named)]),
    ),
  };
  const inputs = await buildInputs({
    env,
    home: env["HOME"] || homedir(),
    root: request.root,
    ownSources: base?.made ?? false,
  });
  try {
    await requireDocker(
      engine,
      [
        "buildx",
        "build",
        "--builder",
        engine.builder,
        "--load",
        "--progress",
        "plain",
        "--network",
        "host",
        // No provenance: it would record the machine's build arguments beside the image.
        "--provenance=false",
        "--label",
        `${labels.image}=${basename(dirname(dockerfile))}`,
        "--file",
        dockerfile,
        "--tag",
        image,
        ...(options.rebuild === true ? ["--no-cache"] : []),
        ...Object.entries(given).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
        ...inputs.args,
        ".",
      ],
      "engine.buildFailed",
      {
        cwd: request.root,
        env: inputs.env,
        ...(options.onOutput !== undefined && { onOutput: options.onOutput }),
      },
    );
  } finally {
    await inputs.dispose();
  }
};

/** Builds an image, and before it those of its parents that are not there. */
const ensureKey = async (
  engine: Engine,
  key: ImageKey,
  request: ImageRequest,
  options: ImageOptions,
): Promise<string> => {
  const named = (options.env ?? process.env)["SWITCHYARD_BASE"];
  const image = keyedName(key, request, named);
  if (options.rebuild !== true && (await hasImage(engine, image))) return image;
  const missing: ImageKey[] = [];
  for (const each of chainOf(key)) {
    if (
      options.rebuild === true ||
      each === key ||
      !(await hasImage(engine, keyedName(each, request, named)))
    )
      missing.push(each);
  }
  for (const each of missing) await build(engine, each, request, options);
  // After the whole chain: what was just made for it must not go before it is used.
  for (const each of missing) {
    await sweepImages(
      engine,
      basename(dirname(definitions[each].dockerfile)),
      keyedName(each, request, named),
    );
  }
  return image;
};

interface OfficialMake {
  readonly key: ImageKey;
  /** Full name of the image that others publish. */
  readonly image: (request: ImageRequest) => string;
  /** What is done where it cannot be pulled. */
  readonly otherwise: string;
}

/** Images that can stand on one that others publish, where a registry answers. */
const official: Readonly<Partial<Record<ImageName, OfficialMake>>> = {
  litellm: {
    key: "litellm-official",
    image: ({ litellmVersion }) => `ghcr.io/berriai/litellm:v${litellmVersion}`,
    otherwise: "LiteLLM is installed from PyPI, once",
  },
  cliproxyapi: {
    key: "cliproxyapi-official",
    image: ({ cliproxyapiVersion }) => `eceasy/cli-proxy-api:v${cliproxyapiVersion}`,
    otherwise: "CLIProxyAPI is built as a Go module, once (some minutes)",
  },
};

/** The makes of an image, the official one first. */
const makesOf = (name: ImageName): ImageKey[] => [...(official[name] ? [official[name].key] : []), name];

/** Which make of an image to use: one that is there, else the official one where a registry answers. */
const chooseMake = async (
  engine: Engine,
  name: ImageName,
  request: ImageRequest,
  { env = process.env, say, rebuild }: ImageOptions,
): Promise<ImageKey> => {
  const make = official[name];
  if (make === undefined) return name;
  if (rebuild !== true) {
    for (const key of makesOf(name)) {
      if (await hasImage(engine, keyedName(key, request, env["SWITCHYARD_BASE"]))) return key;
    }
  }
  const image = make.image(request);
  if (await hasImage(engine, image)) return make.key;
  say(`pulling ${image}`);
  const pull = await runDocker(engine, ["pull", "--quiet", image]);
  if (pull.status === 0) return make.key;
  const code = classifyFailure(pull.output, "engine.buildFailed");
  if (code === "engine.noSpace") throw new SwitchyardError(code, { detail: tailOf(pull.output, 3) });
  say(`${image} cannot be pulled (${tailOf(pull.output, 1)}): ${make.otherwise}`);
  return name;
};

/** @returns full name of the image where it is there; of two makes the one that is */
export const findImage = async (
  engine: Engine,
  name: ImageName,
  request: ImageRequest,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> => {
  for (const key of makesOf(name)) {
    const image = keyedName(key, request, env["SWITCHYARD_BASE"]);
    if (await hasImage(engine, image)) return image;
  }
  return undefined;
};

/**
 * Makes sure that an image is there, and says what it does. Where it is, nothing else is looked at.
 * @returns its full name
 * @throws SwitchyardError engine.buildFailed, engine.noSpace, engine.failed
 */
export const ensureImage = async (
  engine: Engine,
  name: ImageName,
  request: ImageRequest,
  options: ImageOptions,
): Promise<string> => {
  return ensureKey(engine, await chooseMake(engine, name, request, options), request, options);
};

/** As `ensureImage` for each, one after the other: two builds at once would only share the processors. @returns name -> full name */
export const ensureImages = async <Name extends ImageName>(
  engine: Engine,
  names: readonly Name[],
  request: ImageRequest,
  options: ImageOptions,
): Promise<Readonly<Record<Name, string>>> => {
  const images = {} as Record<Name, string>;
  for (const name of names) images[name] = await ensureImage(engine, name, request, options);
  return images;
};
