import { claudeCodeRouter } from "./claude-code-router.ts";
import type { Contender } from "./contender.ts";
import { direct } from "./direct.ts";
import { pipe } from "./pipe.ts";
import { switchyard } from "./switchyard.ts";

/** In the order of the table's columns. */
export const contenders: readonly Contender[] = [direct, pipe, switchyard, claudeCodeRouter];

export const ours = switchyard.name;
export const floor = pipe.name;
export const baseline = direct.name;
/** The one that the goals are stated against. */
export const peer = claudeCodeRouter.name;
