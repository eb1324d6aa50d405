/** The image that the others stand on: pulled where a registry answers, made from packages where none does. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { SwitchyardError } from "../shared/errors.ts";
import type { Engine } from "./connect.ts";
import { contentHash } from "./content-hash.ts";
import { classifyFailure, runDocker, tailOf } from "./docker-cli.ts";
import { isGone } from "./engine-status.ts";

export const publicBase = "node:24-bookworm-slim";

export interface Base {
  readonly image: string;
  /** It was made from packages, and names no Debian archive of its own. */
  readonly made: boolean;
}

/** True where the engine has the image. */
export const hasImage = async (engine: Engine, image: string): Promise<boolean> => {
  try {
    await engine.docker.getImage(image).inspect();
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
};

const make = (root: string, image: string, say: (line: string) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(join(root, "images", "base", "make.sh"), [image], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const line of text.trimEnd().split("\n")) say(line);
    });
    child.once("error", (cause) =>
      reject(new SwitchyardError("engine.buildFailed", { detail: cause.message, cause })),
    );
    child.once("close", (status) => {
      if (status === 0) resolve();
      else {
        reject(
          new SwitchyardError(classifyFailure(output, "engine.buildFailed"), {
            detail: `${publicBase} cannot be pulled, and could not be made from packages:\n${tailOf(output, 5)}`,
            hint: `Make ${publicBase} available to the engine (docker pull, docker load), or name another base in SWITCHYARD_BASE.`,
          }),
        );
      }
    });
  });

/**
 * Finds or makes the base image.
 * @param named the user's own choice (SWITCHYARD_BASE)
 * @throws SwitchyardError engine.buildFailed, engine.noSpace
 */
export const ensureBase = async (
  engine: Engine,
  root: string,
  named: string | undefined,
  say: (line: string) => void,
): Promise<Base> => {
  if (named !== undefined && named !== "")
    return { image: named, made: named.startsWith("switchyard/base:") };
  if (await hasImage(engine, publicBase)) return { image: publicBase, made: false };
  const own = `switchyard/base:${contentHash(root, ["images/base"], {})}`;
  if (await hasImage(engine, own)) return { image: own, made: true };
  say(`pulling ${publicBase}`);
  const pull = await runDocker(engine, ["pull", "--quiet", publicBase]);
  if (pull.status === 0) return { image: publicBase, made: false };
  const code = classifyFailure(pull.output, "engine.buildFailed");
  if (code === "engine.noSpace") throw new SwitchyardError(code, { detail: tailOf(pull.output, 3) });
  say(
    `${publicBase} cannot be pulled (${tailOf(pull.output, 1)}): the base image is made from Debian's packages and npm, once`,
  );
  await make(root, own, say);
  return { image: own, made: true };
};
