/** Budgets of a checked configuration. */
import { isZone, machineZone } from "./hours.ts";
import { didYouMean, type Path } from "./problems.ts";
import { readUse, type RouteSurroundings } from "./resolve-routes.ts";
import type { RawConfig } from "./schema.ts";
import { positionAt } from "./tree.ts";
import type { AdminConfig, BudgetConfig } from "./types-budgets.ts";
import { milliseconds } from "./units.ts";
import { quoted } from "./validate.ts";

type RawBudget = NonNullable<RawConfig["budgets"]>[number];

/** What is wrong is told. */
export const resolveBudgets = (raw: RawConfig, around: RouteSurroundings): BudgetConfig[] => {
  const out: BudgetConfig[] = [];
  for (const [i, given] of (raw.budgets ?? []).entries()) {
    // Where something wrong was taken out there may be a text; it was told already.
    if (typeof given !== "object") continue;
    const budget = resolveBudget(given, ["budgets", i], around);
    if (budget === undefined) continue;
    if (out.some(({ name }) => name === budget.name))
      around.problems.add(
        positionAt(around.tree, ["budgets", i]),
        ["budgets", i],
        `there is another budget of the name ${quoted(budget.name)}; give each a \`name\` of its own.`,
      );
    else out.push(budget);
  }
  return out;
};

const resolveBudget = (given: RawBudget, path: Path, around: RouteSurroundings): BudgetConfig | undefined => {
  const { tree, problems, names } = around;
  const tell = (key: string, what: string): void =>
    problems.add(positionAt(tree, [...path, key]), [...path, key], what);
  const { scope = "all", per = "month", limit, timezone = machineZone(), onExceeded } = given;
  if (limit === undefined) {
    tell("limit", "`limit` is missing: US dollars.");
    return undefined;
  }
  if (!isZone(timezone))
    tell("timezone", `found ${quoted(timezone)}, expected the name of a zone, as Europe/Berlin.`);
  const which = given.which === undefined ? [] : [given.which].flat().filter((each) => each !== "");
  if (scope === "all" && which.length > 0)
    tell("which", "a budget of `scope: all` counts everything; set another `scope`, or leave `which` out.");
  if (scope === "provider") {
    const known = [...names.providers.values()];
    for (const name of which)
      if (!names.providers.has(name.toLowerCase()))
        tell(
          "which",
          `there is no provider ${quoted(name)}.${didYouMean(name, known)} Known: ${known.join(", ")}.`,
        );
  }
  const usePath = [...path, "onExceeded", "use"];
  const use = typeof onExceeded === "object" ? onExceeded.use : undefined;
  if (typeof onExceeded === "object" && use === undefined)
    tell("onExceeded", "`use` is missing: a target, or a list of targets.");
  return {
    name: given.name ?? `${scope}-${per}`,
    scope,
    which:
      scope === "provider" ? which.map((name) => names.providers.get(name.toLowerCase()) ?? name) : which,
    limit,
    per,
    timezone,
    warnAt: [...new Set((given.warnAt ?? [0.5, 0.8]).filter((each) => typeof each === "number"))].toSorted(
      (a, b) => a - b,
    ),
    use:
      use === undefined ? [] : readUse(use, usePath, around, "to refuse turns write `onExceeded: refuse`."),
  };
};

export const resolveAdmin = ({ admin }: RawConfig): AdminConfig => ({
  hosts: (admin?.hosts ?? []).map((host) => host.trim().toLowerCase()).filter((host) => host !== ""),
  session: milliseconds(admin?.session ?? "12h"),
});
