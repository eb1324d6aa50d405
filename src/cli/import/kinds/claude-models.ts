/**
 * claude-code-hybrid (binee108), `~/.claude-models/*.env`: one file is one model that `cc --model NAME` and `ct --model NAME` start with.
 * Variables as its README of 2026 has them: MODEL_AUTH_TOKEN, MODEL_BASE_URL, MODEL_HAIKU, MODEL_SONNET, MODEL_OPUS.
 */
import { clientNames, type Names, profileOfEnv } from "../claude-env.ts";
import type { Importer } from "../importer.ts";

const names: Names = {
  ...clientNames,
  baseUrl: ["MODEL_BASE_URL"],
  token: ["MODEL_AUTH_TOKEN"],
  apiKey: ["MODEL_API_KEY"],
  model: ["MODEL_DEFAULT"],
  tiers: {
    opus: ["MODEL_OPUS"],
    sonnet: ["MODEL_SONNET"],
    haiku: ["MODEL_HAIKU"],
    subagent: ["MODEL_SUBAGENT"],
  },
};

export const claudeModels: Importer = {
  kind: "claude-models",
  title: "claude-code-hybrid",
  where: "~/.claude-models",
  keepsLogin: true,
  detect: (files) =>
    files.filter(
      ({ form, part }) =>
        form === "env" &&
        part.entries().some(([name]) => /^MODEL_(?:BASE_URL|OPUS|SONNET|HAIKU)$/.test(name)),
    ),
  read: (files, draft) => {
    // Without a profile both of its commands ask Anthropic, with the user's own login.
    draft.routes.default = { use: ["anthropic,*"] };
    for (const { name, part } of files) {
      const profile = name.replace(/\.env$/i, "");
      profileOfEnv(
        { env: part, name: profile, description: `${profile}, of claude-code-hybrid`, names },
        draft,
      );
    }
  },
};
