/** Sums of money, the same wherever they are shown. */
import { expect, it } from "vitest";
import { readPageFiles } from "../../src/router/dashboard/files.ts";
import { dollars } from "../../src/shared/dollars.ts";

it.each([
  [0, "$0"],
  [0.000_000_1, "<$0.000001"],
  [0.000_004_2, "$0.0000042"],
  [0.002, "$0.0020"],
  [0.0099, "$0.0099"],
  [0.05, "$0.050"],
  [0.0999, "$0.10"],
  [0.42, "$0.42"],
  [0.996, "$1.00"],
  [12.345, "$12.35"],
  [1_234_567.5, "$1,234,567.50"],
])("a sum of %d US dollars is shown as %s: none that is there looks like nothing", (amount, shown) => {
  expect(dollars(amount)).toBe(shown);
});

it("the dashboard's page shows a sum as the terminal does", async () => {
  const [, file] = [...readPageFiles().assets].find(([path]) => path.endsWith("/lib/dollars.js"))!;
  const page = (await import(`data:text/javascript;base64,${file.body.toString("base64")}`)) as {
    dollars: typeof dollars;
  };
  for (const amount of [0, 0.000_000_1, 0.002, 0.42, 12.5, 1_234.5])
    expect(page.dollars(amount)).toBe(dollars(amount));
});
