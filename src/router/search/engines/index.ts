/** The search engines by the name that the configuration has for them. */
import type { SearchConfig } from "../../../config/types.ts";
import type { SearchEngine } from "../engine.ts";
import { brave } from "./brave.ts";
import { searxng } from "./searxng.ts";
import { tavily } from "./tavily.ts";

export const engines: Readonly<Record<SearchConfig["provider"], SearchEngine>> = { tavily, brave, searxng };
