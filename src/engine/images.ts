/** Images of the project: built by buildx when their contents changed, found again by content hash when not. */
import { homedir } from "node:os";
import { fusedRouter } from "../stack/services/fused-router.ts";
import { ensureBase, hasImage } from "./base.ts";
import { buildInputs } from "./build-inputs.ts";
import type { Engine } from "./connect.ts";
import { contentHash } from "./content-hash.ts";
import { requireDocker } from "./docker-cli.ts";
import { sweepImages } from "./housekeeping.ts";
import { labels } from "../shared/container-layout.ts";

export interface ImageRequest {
  /** The checkout. */
  readonly root: string;
  readonly clientVersion: string;
  readonly uid: number;
  readonly gid: number;
}

/** What the Dockerfile copies (its .dockerignore says the same), and the Dockerfile itself. */
const sources = [`images/${fusedRouter}`, "package.json", "package-lock.json", "bin", "config", "src"];

/** The user's own files lie beside the project's and are no part of an image. */
const isUsersOwn = (path: string): boolean =>
  path === "config/switchyard.yaml" || /^config\/[^/]*\.local\.yaml$/.test(path);

const buildArgs = (request: ImageRequest): Record<string, string> => ({
  CLAUDE_CODE_VERSION: request.clientVersion,
  CLIENT_UID: String(request.uid),
  CLIENT_GID: String(request.gid),
});

/** Tag of the fused image: a hash of all that it is made of. */
export const fusedImageTag = (request: ImageRequest, base = ""): string =>
  contentHash(request.root, sources, { ...buildArgs(request), BASE: base }, isUsersOwn);

/**
 * Makes sure that the fused image is there, and says what it does.
 * @returns its full name
 * @throws SwitchyardError engine.buildFailed, engine.noSpace, engine.failed
 */
export const ensureFusedImage = async (
  engine: Engine,
  request: ImageRequest,
  options: {
    env?: NodeJS.ProcessEnv;
    say: (line: string) => void;
    onOutput?: (text: string) => void;
    /** Build even what is there, from nothing. */
    rebuild?: boolean;
  },
): Promise<string> => {
  const env = options.env ?? process.env;
  const named = env["SWITCHYARD_BASE"];
  const image = `switchyard/${fusedRouter}:${fusedImageTag(request, named)}`;
  if (options.rebuild !== true && (await hasImage(engine, image))) return image;
  const base = await ensureBase(engine, request.root, named, options.say);
  options.say(`building ${image} (once; later starts reuse it)`);
  const inputs = await buildInputs({
    env,
    home: env["HOME"] || homedir(),
    root: request.root,
    ownSources: base.made,
  });
  const args = Object.entries({ ...buildArgs(request), BASE: base.image }).flatMap(([name, value]) => [
    "--build-arg",
    `${name}=${value}`,
  ]);
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
        `${labels.service}=${fusedRouter}`,
        "--file",
        `images/${fusedRouter}/Dockerfile`,
        "--tag",
        image,
        ...(options.rebuild === true ? ["--no-cache"] : []),
        ...args,
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
  await sweepImages(engine, fusedRouter, image);
  return image;
};
