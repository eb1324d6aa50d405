import { bifrost } from "./bifrost.ts";
import { claudeCodeRouter, claudeCodeRouter2, claudeCodeRouterNewest } from "./claude-code-router.ts";
import { cliproxyapi } from "./cliproxyapi.ts";
import type { Contender } from "./contender.ts";
import { direct } from "./direct.ts";
import { fastifyBare } from "./fastify-bare.ts";
import { litellm, litellmTwo } from "./litellm.ts";
import { nginx } from "./nginx.ts";
import { pipe } from "./pipe.ts";
import { portkey } from "./portkey.ts";
import { switchyard } from "./switchyard.ts";

const onNode = [claudeCodeRouter, claudeCodeRouter2, claudeCodeRouterNewest, portkey];
const others = [litellm, litellmTwo, cliproxyapi, bifrost];

/** In the order of the table's rows. */
export const contenders: readonly Contender[] = [
  direct,
  nginx,
  pipe,
  fastifyBare,
  switchyard,
  ...onNode,
  ...others,
];

export { litellmTwo };
export const ours = switchyard.name;
export const floor = pipe.name;
export const baseline = direct.name;
/** What cold start and idle memory are held against. */
export const bare = fastifyBare.name;
/** What others wrote for the same task. */
export const peers: readonly string[] = [...onNode, ...others].map((each) => each.name);
/** Those of them that run on Node. */
export const nodePeers: readonly string[] = onNode.map((each) => each.name);
