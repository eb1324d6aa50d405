/** The image that the others stand on. */
import { hasImage, publicBase } from "../../../engine/base.ts";
import { contentHash } from "../../../engine/content-hash.ts";
import type { Engine } from "../../../engine/connect.ts";
import { findInPath } from "../../../fuse/client-install.ts";
import { messageOf } from "../../../shared/errors.ts";
import { checkoutRoot, type Environment } from "../../../shared/paths.ts";
import { bad, type Check, note, ok } from "../check.ts";

export const base: Check = {
  name: "base",
  about: "the image that all others stand on",
  run: async ({ engine, env, online }) => {
    if (engine === undefined) return [];
    const named = env["SWITCHYARD_BASE"] ?? "";
    if (named !== "")
      return (await hasImage(engine, named))
        ? [ok(`${named} (SWITCHYARD_BASE)`)]
        : [
            bad(
              `the engine has no image ${named} (SWITCHYARD_BASE)`,
              "docker pull it, or unset the variable.",
            ),
          ];
    const own = `switchyard/base:${contentHash(checkoutRoot(), ["images/base"], {})}`;
    for (const image of [publicBase, own]) if (await hasImage(engine, image)) return [ok(image)];
    if (!online)
      return [
        note(
          `${publicBase} is not there yet`,
          "The first build pulls it, or makes one from Debian's packages where no registry answers.",
        ),
      ];
    const refusal = await whyNotPulled(engine);
    if (refusal === undefined)
      return [note(`${publicBase} is not there yet; a registry offers it`, "The first build pulls it.")];
    const words = `${publicBase} cannot be pulled (${refusal})`;
    const lacking = lackingTools(env);
    if (lacking.length === 0) return [note(words, "The first build makes one from Debian's packages, once.")];
    return [
      bad(
        `${words}, and none can be made here: ${lacking.join(", ")} missing`,
        "Bring it from elsewhere (docker load), name another in SWITCHYARD_BASE, or on Debian as root: make engine.",
      ),
    ];
  },
};

/** Asks the registry through the engine, as a pull would. @returns its refusal; undefined: it has the image */
const whyNotPulled = async (engine: Engine): Promise<string | undefined> => {
  try {
    await engine.docker.getImage(publicBase).distribution();
    return undefined;
  } catch (error) {
    return messageOf(error).replaceAll("\n", " ");
  }
};

/** What images/base/make.sh needs. */
const lackingTools = (env: Environment): string[] =>
  ["debootstrap", "npm"].filter((name) => findInPath(name, env) === undefined);
