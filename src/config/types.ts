/** The configuration as the rest of the program sees it: merged, checked, every `${VAR}` resolved. */
import type { LogLevel } from "../shared/log.ts";
import type { AdminConfig, BudgetConfig } from "./types-budgets.ts";
import type { FailurePolicy } from "./types-failures.ts";
import type { KeyStrategy, ProviderKey } from "./types-keys.ts";
import type { CaptureConfig, LedgerConfig } from "./types-ledger.ts";
import type { ProfileConfig } from "./types-profiles.ts";
import type { CustomRouting } from "./types-rules.ts";
import type { TelemetryConfig } from "./types-telemetry.ts";

export type * from "./types-budgets.ts";
export type * from "./types-failures.ts";
export type * from "./types-keys.ts";
export type * from "./types-ledger.ts";
export type * from "./types-profiles.ts";
export type * from "./types-rules.ts";
export type * from "./types-telemetry.ts";

export type DialectName = "anthropic" | "openai-chat" | "openai-responses" | "gemini" | "demo";

/** A target: `provider,model`, the model being the provider's own id, slashes and colons included. */
export interface Target {
  readonly provider: string;
  /** `*` keeps the model id that was asked for. */
  readonly model: string;
}

export const targetName = (target: Target): string => `${target.provider},${target.model}`;

/** The model that a target is asked for: `provider,*` keeps the one that the request names. */
export const asAsked = (target: Target, asked: string): Target =>
  target.model === "*" ? { provider: target.provider, model: asked } : target;

/** The target of a name that `targetName` made; of another text the provider alone. */
export const splitTargetName = (name: string): Target => {
  const comma = name.indexOf(",");
  return comma < 0
    ? { provider: name, model: "" }
    : { provider: name.slice(0, comma), model: name.slice(comma + 1) };
};

/** The routes of the configuration, in the order of the rules that lead to them. */
export const routeNames = [
  "longContext",
  "subagent",
  "background",
  "webSearch",
  "image",
  "think",
  "opus",
  "sonnet",
  "haiku",
  "fable",
  "default",
] as const;
export type RouteName = (typeof routeNames)[number];

export const effortLevels = ["low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof effortLevels)[number];

export const routeChoices = ["order", "fastest", "cheapest"] as const;
/** Which target of a route goes first: the first of the list, the one that was fastest to its first token, the one with the lowest price. */
export type RouteChoice = (typeof routeChoices)[number];

export interface Route {
  /** Never empty. */
  readonly use: readonly Target[];
  readonly choose: RouteChoice;
  /** longContext only: counted input tokens above which the rule matches. */
  readonly threshold?: number;
  /** think only: the effort from which `adaptive` counts as thinking on purpose. */
  readonly minEffort?: Effort;
}

/**
 * Odd behaviour of a provider, as flags. Each is set in config/providers.yaml (or by the user) with a comment that says why,
 * and documented in the schema (src/config/schema.ts). All optional: absent means the standard behaviour of the dialect.
 */
export interface Quirks {
  /** Answers are passed to the client as bytes, without the stream validator: Anthropic itself only. */
  rawStream?: boolean;
  /** `count_tokens` exists at the provider and is forwarded. */
  countTokens?: boolean;
  /** An id with a date at its end is what the id without it names, at the same price: `claude-sonnet-4-5-20250929`. */
  datedIds?: boolean;
  /** Top-level request fields that the provider refuses and that are removed: the provider's own names, after translation. */
  dropFields?: string[];
  /** The `anthropic-beta` header is not sent. */
  dropBetas?: boolean;
  /** `role: system` messages inside the conversation are turned into user text: many local templates take one at the start only. */
  inlineSystemMessages?: boolean;
  /** Name of the field that limits the output: openai-chat; default `max_tokens`. */
  maxTokensField?: "max_tokens" | "max_completion_tokens";
  /** Largest `max_tokens` that the provider takes, whatever the model. */
  maxTokensLimit?: number;
  /** How thinking is asked for (openai-chat). Default `none`: nothing is sent. */
  reasoning?:
    | "none"
    | "reasoning_effort"
    | "openrouter"
    | "thinking_type"
    | "thinking_effort"
    | "enable_thinking"
    | "chat_template";
  /** Highest effort that the provider knows; Anthropic's `xhigh` and `max` become it (openai-chat, openai-responses). Default `high`. */
  maxEffort?: "high" | "xhigh" | "max";
  /** Summaries of reasoning are asked for, in this length (openai-responses). Default: none, as OpenAI refuses them to organisations that are not verified. */
  reasoningSummary?: "auto" | "concise" | "detailed";
  /** Earlier messages of the assistant say whether they were remarks or answers (openai-responses). */
  messagePhase?: boolean;
  /**
   * Field in which earlier reasoning is sent back (openai-chat): text in the first two, in the third what the same model sent, as it was. Default: it
   * is not sent.
   */
  sendReasoning?: "reasoning_content" | "reasoning" | "reasoning_details";
  /** `cache_control` markers are understood and kept (openai-chat). */
  cacheControl?: boolean;
  /** `stream_options: {include_usage: true}` is refused and not sent (openai-chat). */
  noStreamUsage?: boolean;
  /** Longest tool-call id that is taken; longer or otherwise unfit ones are mapped (openai-chat, openai-responses). */
  toolIdLength?: number;
  /** Only letters and digits in tool-call ids (openai-chat, openai-responses). */
  toolIdAlphanumeric?: boolean;
  /** `parallel_tool_calls` is refused and not sent (openai-chat, openai-responses). */
  noParallelToolCalls?: boolean;
  /** The model takes text only; images become a note in text. */
  noImages?: boolean;
  files?: "none" | "address";
  /** `tool` messages take text only; images of tool results follow in a user message (openai-chat, openai-responses). Default true in the first. */
  toolResultImagesInUserMessage?: boolean;
  /** `tool_choice` takes no object and no `required` (openai-chat, openai-responses). */
  toolChoiceAutoOnly?: boolean;
  /** `user` is limited or refused: 0 drops it, n cuts to n characters (openai-chat, openai-responses). Default 64. */
  userIdLength?: number;
  /** A tool must have `parameters.properties`, even when empty (openai-chat, openai-responses). */
  requireToolProperties?: boolean;
  /** Keywords of JSON Schema that the provider refuses in tools, at any depth (openai-chat, openai-responses). */
  dropSchemaKeywords?: string[];
  /** `top_k` is known (openai-chat). OpenAI itself answers 400 to it. */
  topK?: boolean;
  mostStops?: number;
  /** Tool calls of the history need Google's `extra_content.google.thought_signature` (openai-chat): Gemini 3 answers 400 without. */
  thoughtSignature?: boolean;
  /** Calls and results are sent without their ids (gemini): Vertex refuses the field. */
  noToolCallIds?: boolean;
  /** Functions whose schema allows it are sent with `strict: true` (openai-chat). */
  strictTools?: boolean;
  /** No `system` role at all: the system prompt opens the first user message (openai-chat). */
  noSystem?: boolean;
  assistantAfterTools?: boolean;
  /** Calls written as text are read as calls, as models write them behind servers without a parser (openai-chat): Hermes, Qwen, GLM, Llama, Mistral, Kimi, DeepSeek, MiniMax. */
  textToolCalls?: boolean;
  /** `<think>…</think>` at the very beginning of an answer's text is its reasoning, as behind servers without a parser (openai-chat). */
  thinkTags?: boolean;
  /** The model calls no tools: a request with tools goes to the next target, or back with a clear error. */
  noTools?: boolean;
  /**
   * How the provider is told to go on with an answer that was begun (openai-chat): `plain`: a conversation that ends with the assistant is gone on
   * with; `prefix`, `partial`: the last message says so in a field of that name; `continue_final_message`: the body does. Default: it does not do that.
   */
  prefix?: "plain" | "prefix" | "partial" | "continue_final_message";
  /** Streams of the provider are broken: whole answers are asked for, and the stream is made here. */
  noStream?: boolean;
  /**
   * Every assistant message must begin with thinking (anthropic): where another model wrote the message, its words go without a signature, or a
   * blank does. DeepSeek answers 400 otherwise.
   */
  thinkingHistory?: boolean;
  /** `thinking: adaptive` is not known and becomes `enabled` with a budget (anthropic). */
  noAdaptiveThinking?: boolean;
  /** `defer_loading` and `tool_reference` are not known: tools are sent in full from when the conversation names them (anthropic). */
  noDeferredTools?: boolean;
  /** Fields that the provider refuses inside of messages, blocks and tools, and that are removed (anthropic). */
  dropInnerFields?: string[];
  /**
   * The provider's own web search. Default: `own` for anthropic, openai-responses and gemini, whose search has one form; `none` for openai-chat, where
   * each provider has a form of its own.
   */
  webSearch?: "none" | "own" | "openrouter" | "glm" | "kimi" | "web_search_options";
  /**
   * How an answer in JSON of a schema is asked for: `json_object` takes any JSON (openai-chat, openai-responses, gemini), with the schema in the
   * system prompt; `prompt` is words alone. Default: the field of the protocol.
   */
  structuredOutput?: "json_object" | "prompt";
  /** Fields added to every request body, as they are. */
  extraBody?: Record<string, unknown>;
}

export interface ProviderConfig {
  readonly name: string;
  readonly dialect: DialectName;
  /** Without a trailing slash; empty for `demo`. For openai-chat it ends where `/chat/completions` is added, for openai-responses where `/responses` is, for gemini where `/models/…` is, for anthropic where `/v1/messages` is. */
  readonly baseUrl: string;
  /** Usable keys, resolved, without empty ones, each once, in the order of the file. */
  readonly keys: readonly ProviderKey[];
  readonly keyStrategy: KeyStrategy;
  /** A conversation stays on the key that served it, whose prompt cache is warm. */
  readonly affinity: boolean;
  /** URL of the proxy; undefined: the environment's. It may hold a password. */
  readonly proxy: string | undefined;
  /** `key`: one of `keys`; `none`: `keys: []`, nothing is sent; `passthrough`: the client's own credentials are forwarded. */
  readonly auth: "key" | "none" | "passthrough";
  /** Header that carries the key. */
  readonly keyHeader: "authorization" | "x-api-key" | "x-goog-api-key";
  readonly headers: Readonly<Record<string, string>>;
  readonly quirks: Readonly<Quirks>;
  readonly timeouts: Timeouts;
  readonly failures: FailurePolicy;
  /** Why the provider is not used (its keys are unset), or undefined. */
  readonly disabled: string | undefined;
}

/** Milliseconds. */
export interface Timeouts {
  readonly connect: number;
  /** Until the first byte of the answer's head. */
  readonly firstByte: number;
  /** Between two chunks of the answer. */
  readonly idle: number;
  /** Of one call, from its beginning to the end of its answer. */
  readonly total: number;
}

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  /** Keys of clients, resolved, without empty ones. With none only loopback is served. */
  readonly clientKeys: readonly string[];
  /** Names of the variables that they came out of, by `clientKeyId`. */
  readonly clientKeyNames: ReadonlyMap<string, string>;
  /** Id of the one among them that was made for the clients of a shell, and is another in the next shell. */
  readonly shellKeyId?: string;
  /** What is answered to `count_tokens` where the provider cannot tell: an estimate, or 501. */
  readonly countTokens: "estimate" | "refuse";
  /** Largest request body in bytes. */
  readonly bodyLimit: number;
  /** How long the head of a streamed answer is held for failover before 200 and pings go out, in milliseconds. */
  readonly headerHold: number;
  /** Between two pings while a provider is silent, in milliseconds. */
  readonly pingInterval: number;
  /** How long streams in flight may take to finish once the router is to end, in milliseconds. */
  readonly drain: number;
  /** How long a turn waits for a target to recover where all rest, in milliseconds; after it the client gets 429. */
  readonly waitForRest: number;
  /** Of all the waits of one turn together, in milliseconds. */
  readonly retryBudget: number;
  /** A turn that breaks off after its first content is continued on the next target that takes a prefix. */
  readonly resume: boolean;
  /** How long a client may take to send a request, in milliseconds. */
  readonly requestTimeout: number;
  /** How long a client may read nothing of an answer that waits for it, in milliseconds. */
  readonly stallTimeout: number;
  /** Processes that serve turns; `auto`: as many as the machine that it runs on has cores. */
  readonly workers: number | "auto";
}

/** What is known of a model (config/models.yaml). Each figure there has a date and a source. */
export interface ModelInfo {
  /** Context window in tokens. */
  readonly context?: number;
  /** Largest output in tokens. */
  readonly maxOutput?: number;
  readonly images?: boolean;
  readonly tools?: boolean;
  readonly thinking?: boolean;
  /** Goes on with an answer that was begun, or refuses one, whatever its provider does; undefined: as the provider's quirk `prefix` says. */
  readonly prefix?: boolean;
  /** How it is asked to think, where its provider speaks Anthropic's form; by `effort` it takes no sampling parameters either. */
  readonly thinkingBy?: "effort" | "budget" | "both";
  readonly price?: Price;
}

/** US dollars per million tokens. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  /** Of what a cache keeps for five minutes, or as long as the provider likes. */
  readonly cacheWrite?: number;
  /** Of what a cache keeps for an hour. */
  readonly cacheWrite1h?: number;
}

/** `above`: what a request costs, all of it, whose context (input, cached or not) has more than `tokens`. */
export interface Price extends Rates {
  readonly above?: readonly (Rates & { readonly tokens: number })[];
}

/** Who searches the web for models whose provider does not. */
export interface SearchConfig {
  readonly provider: "tavily" | "brave" | "searxng";
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Resolved; undefined where none is needed. */
  readonly key: string | undefined;
  /** Of one search. */
  readonly maxResults: number;
  /** Of one search, in milliseconds. */
  readonly timeout: number;
}

/** Limits of a container; empty and 0 set none. */
export interface Limits {
  /** As `4g`. */
  readonly memory: string;
  readonly cpus: string;
  readonly pids: number;
}

export interface StackConfig {
  /** Name of the compose project; empty: made from the checkout's folder. */
  readonly project: string;
  readonly runtime: "auto" | "docker" | "host";
  readonly client: Limits & { readonly version: string };
  readonly router: Limits;
  readonly litellm: Limits & {
    readonly version: string;
    /** On this machine; 0 takes a free one. */
    readonly port: number;
    /** Full path of the user's own configuration; empty: it is generated. */
    readonly config: string;
    /** What the client sends where `config` is the user's own, resolved; empty: that file's own master key. */
    readonly clientKey: string;
  };
  /** CLIProxyAPI beside the stack, or one that the user runs. */
  readonly cliproxyapi: Limits & {
    readonly enabled: boolean;
    readonly version: string;
    /** On this machine; 0 takes a free one. */
    readonly port: number;
    /** It asks for the newest list of models at its start. */
    readonly fetchModels: boolean;
    /** Full path of the configuration of one that the user runs; empty: there is none. */
    readonly config: string;
  };
  /** Ollama beside the stack. */
  readonly ollama: Limits & {
    readonly enabled: boolean;
    /** Tag of its image. */
    readonly version: string;
    /** On this machine; 0 takes a free one. */
    readonly port: number;
    /** Tokens that a model is loaded with room for. */
    readonly contextLength: number;
  };
  /** Of a fused container, router or LiteLLM. */
  readonly fused: Limits;
  /** Prometheus and Grafana beside the stack. */
  readonly observability: {
    readonly enabled: boolean;
    /** On this machine; 0 takes a free one. */
    readonly grafanaPort: number;
  };
}

/** Tiers of which variables of the environment may name the provider (tier-variables.ts). */
export const environmentTiers = ["haiku", "opus", "sonnet"] as const;

export interface Config {
  readonly server: ServerConfig;
  readonly log: { readonly level: LogLevel };
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  readonly routes: Readonly<Partial<Record<RouteName, Route>>> & { readonly default: Route };
  /** The user's own rules; undefined where there are none. */
  readonly custom: CustomRouting | undefined;
  /** The tier of the model id is asked before background, image and think. */
  readonly tierFirst: boolean;
  /** Variables such as HAIKU_PROVIDER_API_KEY name the providers of tiers (tier-variables.ts). */
  readonly tiersFromEnvironment: boolean;
  /** Other routes, by name: what is asked under `/p/<name>/`. */
  readonly profiles: ReadonlyMap<string, ProfileConfig>;
  readonly aliases: ReadonlyMap<string, Target>;
  /** Keyed by `provider,model`, and by the bare model id. */
  readonly models: ReadonlyMap<string, ModelInfo>;
  /** Undefined where no search engine is set up. */
  readonly search: SearchConfig | undefined;
  /** Undefined where no collector is named. */
  readonly telemetry: TelemetryConfig | undefined;
  readonly ledger: LedgerConfig;
  readonly capture: CaptureConfig;
  readonly budgets: readonly BudgetConfig[];
  readonly admin: AdminConfig;
  readonly stack: StackConfig;
  /** Every secret that was resolved: what logs and error bodies must not contain. */
  readonly secrets: readonly string[];
  /** What the user should know though nothing is wrong: disabled providers, a `.env` that was read. One line each. */
  readonly notices: readonly string[];
  /** Files that were read, for messages and for watching. */
  readonly files: readonly string[];
}
