/** Transformers of claude-code-router, and what here does their work. Names and options: its docs/docs/server/config/transformers.md. */
import type { DialectName } from "../../../config/types.ts";
import type { Part } from "../report.ts";
import { rowOf } from "../texts.ts";

/** Of a transformer: the dialect that it means, and what is said of it. `to` with % for the provider's name; empty: it is dropped. */
interface Row {
  readonly dialect?: DialectName;
  readonly to: string;
  readonly why: string;
}

const preset = (dialect: DialectName): Row => ({ dialect, to: "providers.%", why: "" });
const needless = (why: string): Row => ({ to: "providers.%", why });

const rows: Readonly<Record<string, Row>> = {
  anthropic: preset("anthropic"),
  deepseek: preset("openai-chat"),
  openrouter: preset("openai-chat"),
  groq: preset("openai-chat"),
  cerebras: preset("openai-chat"),
  openai: preset("openai-chat"),
  "openai-responses": preset("openai-responses"),
  gemini: { ...preset("gemini"), why: "the client's max_tokens is sent along" },
  "vertex-gemini": {
    to: "",
    why: "Vertex signs in with a Google account, which is not known here; put LiteLLM before it",
  },
  "gemini-cli": { to: "", why: "the login of a CLI is CLIProxyAPI's work: docs/cliproxyapi.md" },
  "qwen-cli": { to: "", why: "the login of a CLI is CLIProxyAPI's work: docs/cliproxyapi.md" },
  "rovo-cli": { to: "", why: "the login of a CLI is CLIProxyAPI's work: docs/cliproxyapi.md" },
  reasoning: needless(
    "reasoning is read in every provider's form; what goes back is a quirk (sendReasoning) of its preset",
  ),
  forcereasoning: { to: "", why: "thinking is what the client asks for" },
  tooluse: needless("tool calls come whole without a forced tool_choice"),
  enhancetool: needless("broken arguments of tools are repaired without holding the stream back"),
  cleancache: needless("cache_control is sent only to providers that know it (quirk cacheControl)"),
  streamoptions: needless("usage of a stream is always asked for, where the provider knows it"),
  sampling: needless("temperature, top_p and top_k are passed on where the provider knows them"),
  customparams: { to: "", why: "write them as quirks.extraBody of the provider" },
};

/** What is said of one use of a transformer, as `Row`. */
interface Told {
  readonly part: Part;
  readonly to: string;
  readonly why: string;
  readonly isChanged?: true;
}

export interface Transformers {
  readonly dialect: DialectName | undefined;
  readonly quirks: Record<string, unknown> | undefined;
  /** `maxtoken` of single models. */
  readonly mostByModel: ReadonlyMap<string, number>;
  readonly told: readonly Told[];
}

/** @param part `transformer` of a provider: `use` for all models, and by model `{ use }` */
export const readTransformers = (part: Part | undefined): Transformers => {
  let dialect: DialectName | undefined;
  const quirks: Record<string, unknown> = {};
  const mostByModel = new Map<string, number>();
  const told: Told[] = [];
  const lists = (part?.entries() ?? []).map(([name, value]): [string | undefined, Part] =>
    name === "use" ? [undefined, value] : [name, value.at("use") ?? value],
  );
  for (const [model, list] of lists) {
    for (const use of list.items()) {
      const options = use.tree.kind === "list" ? use.at(1) : undefined;
      const name = ((use.tree.kind === "list" ? use.at(0)?.text : use.text) ?? "").toLowerCase();
      const most = options?.at("max_tokens")?.number;
      if (name === "maxtoken" && most !== undefined && most > 0) {
        if (model === undefined) quirks["maxTokensLimit"] = most;
        else mostByModel.set(model, most);
        const to =
          model === undefined ? "providers.%.quirks.maxTokensLimit" : `models."%,${model}".maxOutput`;
        told.push({ part: use, to, why: "a limit: what asks for less gets less", isChanged: true });
        continue;
      }
      const row = rowOf(rows, name);
      if (row?.dialect !== undefined && model === undefined) dialect ??= row.dialect;
      if (row === undefined)
        told.push({
          part: use,
          to: "",
          why: "a transformer of one's own: see quirks of the provider, or rulesScript",
        });
      else if (options === undefined) told.push({ part: use, to: row.to, why: row.why });
      else {
        const first = use.at(0);
        if (first !== undefined) told.push({ part: first, to: row.to, why: row.why });
        told.push({
          part: options,
          to: "",
          why: "options of a transformer; fields of a request's body are quirks.extraBody here",
        });
      }
    }
  }
  return { dialect, quirks: Object.keys(quirks).length > 0 ? quirks : undefined, mostByModel, told };
};
