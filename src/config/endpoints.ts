/** From the address in a foreign configuration to a provider of ours: its dialect, its base URL, its preset. */
import type { Preset } from "./preset-tree.ts";
import type { DialectName } from "./types.ts";

export interface Endpoint {
  readonly dialect: DialectName;
  readonly baseUrl: string;
  readonly preset: Preset | undefined;
}

/** What other tools add to an address, and which protocol it tells. */
const endings: readonly (readonly [RegExp, DialectName])[] = [
  [/\/chat\/completions$/, "openai-chat"],
  [/\/v1\/messages$/, "anthropic"],
  [/\/responses$/, "openai-responses"],
  [/\/models$/, "gemini"],
];

/** Addresses of providers that a preset has under another one: the same service in another country, plan or spelling. */
const others: Readonly<Record<string, string>> = {
  "https://api.moonshot.cn/anthropic": "moonshot",
  "https://api.moonshot.cn/v1": "moonshot-openai",
  "https://api.kimi.com/coding": "moonshot",
  "https://api.deepseek.com/v1": "deepseek-openai",
  "https://api.minimaxi.com/anthropic": "minimax",
  "https://api.siliconflow.cn/v1": "siliconflow",
  "https://dashscope.aliyuncs.com/compatible-mode/v1": "dashscope",
  "https://api.z.ai/api/coding/paas/v4": "zai-openai",
  "https://open.bigmodel.cn/api/paas/v4": "zai-openai",
  "https://open.bigmodel.cn/api/coding/paas/v4": "zai-openai",
  "https://generativelanguage.googleapis.com": "gemini",
};

const sameHost = (url: string): string => url.replace("//localhost", "//127.0.0.1");

/**
 * @param url as the other tool has it, with or without what it adds to it
 * @param dialect what the tool says of the protocol; an ending of the address goes before it
 */
export const endpointOf = (
  url: string,
  dialect: DialectName | undefined,
  presets: readonly Preset[],
): Endpoint => {
  const bare = url.trim().replace(/\/+$/, "");
  const ending = endings.find(([pattern]) => pattern.test(bare));
  const told = ending?.[1] ?? dialect;
  let base = ending === undefined ? bare : bare.replace(ending[0], "");
  // The base of the Anthropic form ends before /v1, wherever it came from.
  if (told === "anthropic") base = base.replace(/\/v1$/, "");
  const alike = presets.filter((each) => each.baseUrl === sameHost(base));
  const named = presets.find(({ name }) => name === others[base]);
  const preset =
    alike.find((each) => each.dialect === told) ??
    (named?.dialect === (told ?? named?.dialect) ? named : undefined) ??
    (told === undefined ? alike[0] : undefined);
  return { dialect: preset?.dialect ?? told ?? "openai-chat", baseUrl: base, preset };
};
