/** The user's own additions to a generated compose document. They are read, never written. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseTree } from "../config/parse.ts";
import { Problems } from "../config/problems.ts";
import { treeAt } from "../config/tree.ts";
import { backends } from "../shared/backends.ts";
import { servicesStack, stackServices } from "../stack/services/services.ts";

/** Names of the services in a compose file; undefined where it names none, or cannot be understood. */
const servicesIn = (file: string): readonly string[] | undefined => {
  const services = treeAt(parseTree(readFileSync(file, "utf8"), file, new Problems()), ["services"]);
  return services?.kind === "map" ? [...services.entries.keys()] : undefined;
};

/** Names of the services of every generated document. */
const generated: ReadonlySet<string> = new Set([
  ...Object.values(backends).map(({ fusedService }) => fusedService),
  ...stackServices.map(({ name }) => name),
]);

/**
 * Files to lay over the document of `name`: `override.yaml`, unless it speaks of another document's services alone, and
 * `override.<name>.yaml`.
 * @param folder of the generated documents
 * @param services names of the document's own services
 */
export const overridesFor = (folder: string, name: string, services: readonly string[]): string[] => {
  const common = join(folder, "override.yaml");
  const isMeant = (): boolean => {
    const named = servicesIn(common);
    // Services of the user's own, where none of ours is changed, belong to the stack: a fused container has no others.
    return (
      named === undefined ||
      named.some((each) => services.includes(each)) ||
      (name === servicesStack.name && !named.some((each) => generated.has(each)))
    );
  };
  const own = join(folder, `override.${name}.yaml`);
  return [...(existsSync(common) && isMeant() ? [common] : []), ...(existsSync(own) ? [own] : [])];
};
