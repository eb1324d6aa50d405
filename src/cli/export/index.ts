/** The tools that a configuration can be written for. A new one is a file beside this and a line here. */
import { ccr } from "./ccr.ts";
import type { Exporter } from "./exporter.ts";
import { litellm } from "./litellm.ts";

export const exporters: readonly Exporter[] = [litellm, ccr];
