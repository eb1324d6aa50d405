/** The image that the others stand on. */
import { hasImage, publicBase } from "../../../engine/base.ts";
import { contentHash } from "../../../engine/content-hash.ts";
import { checkoutRoot } from "../../../shared/paths.ts";
import { bad, type Check, note, ok } from "../check.ts";

export const base: Check = {
  name: "base",
  about: "the image that all others stand on",
  run: async ({ engine, env }) => {
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
    return [
      note(
        `${publicBase} is not there yet`,
        "The first build pulls it, or makes one from Debian's packages where no registry answers.",
      ),
    ];
  },
};
