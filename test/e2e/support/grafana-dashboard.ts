/** Grafana's dashboard file, and what Grafana makes of its questions before it asks them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.ts";

export interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly definition?: string;
      readonly allValue?: string;
    }[];
  };
}

export const dashboard = JSON.parse(
  readFileSync(join(root, "images/grafana/dashboards/switchyard.json"), "utf8"),
) as Dashboard;

/**
 * A question with its variables filled in, as Grafana does where All is chosen.
 * @throws Error where a variable is left that nobody fills in
 */
export const filledIn = (expression: string): string => {
  const values: Record<string, string> = { __range: "5m", __rate_interval: "30s" };
  for (const { name, allValue } of dashboard.templating.list)
    if (allValue !== undefined) values[name] = allValue;
  return expression.replaceAll(/\$\{?(\w+)\}?/g, (written, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${written} in ${expression} is no variable of the dashboard`);
    return value;
  });
};

/** The parts of `label_values(metric{…}, label)`. */
export const labelValues = (definition: string): { readonly match: string; readonly label: string } => {
  const [, match, label] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
  if (match === undefined || label === undefined) throw new Error(`${definition} is no label_values(…, …)`);
  return { match: filledIn(match), label };
};
