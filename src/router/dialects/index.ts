/** Every dialect there is. A new one is a folder beside this file and a line here. */
import type { DialectName } from "../../config/types.ts";
import type { Dialect } from "./dialect.ts";

/** Each is imported when it is first asked for: a router holds the code of those alone that its configuration names. */
export const dialects: Readonly<Record<DialectName, () => Promise<Dialect>>> = {
  anthropic: async () => (await import("./anthropic/index.ts")).anthropic,
  "openai-chat": async () => (await import("./openai-chat/index.ts")).openaiChat,
  "openai-responses": async () => (await import("./openai-responses/index.ts")).openaiResponses,
  gemini: async () => (await import("./gemini/index.ts")).gemini,
  demo: async () => (await import("./demo/index.ts")).demo,
};

const loaded = new Map<DialectName, Dialect>();

/** Imports what a configuration needs, before it is in force: no turn waits for it. */
export const loadDialects = async (
  providers: Iterable<{ readonly dialect: DialectName; readonly disabled?: string | undefined }>,
): Promise<void> => {
  const names = new Set(
    [...providers].filter((each) => each.disabled === undefined).map((each) => each.dialect),
  );
  await Promise.all([...names].map(async (name) => loaded.set(name, await dialects[name]())));
};

/** The dialect of a provider of the configuration in force. @throws Error where `loadDialects` was not asked for it */
export const dialectOf = (name: DialectName): Dialect => {
  const dialect = loaded.get(name);
  if (dialect === undefined) throw new Error(`the dialect ${name} is not loaded`);
  return dialect;
};
