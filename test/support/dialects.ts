/** Every dialect of the list, imported. */
import type { DialectName } from "../../src/config/types.ts";
import type { Dialect } from "../../src/router/dialects/dialect.ts";
import { dialects as list } from "../../src/router/dialects/index.ts";

const entries = Object.entries(list).map(async ([name, load]) => [name, await load()] as const);

export const dialects = Object.fromEntries(await Promise.all(entries)) as Readonly<
  Record<DialectName, Dialect>
>;
