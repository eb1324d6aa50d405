/** Targets that are named inside a request: `provider,model` as a user or a document writes it. */
import type { Config, Target } from "../../config/types.ts";

/** The name of a configured provider, whatever its letter case. */
const providerNamed = (name: string, config: Config): string | undefined => {
  if (config.providers.has(name)) return name;
  const wanted = name.toLowerCase();
  return [...config.providers.keys()].find((each) => each.toLowerCase() === wanted);
};

export type Named =
  | { kind: "target"; target: Target }
  /** It has the form, but no provider of that name is configured. */
  | { kind: "unknown-provider"; provider: string }
  /** The model is missing: `openrouter,`. */
  | { kind: "no-model"; provider: string }
  /** It has not the form. */
  | { kind: "none" };

export const parseNamed = (text: string, config: Config): Named => {
  const comma = text.indexOf(",");
  if (comma <= 0) return { kind: "none" };
  const [name, model] = [text.slice(0, comma).trim(), text.slice(comma + 1).trim()];
  const provider = providerNamed(name, config);
  if (model === "") return { kind: "no-model", provider: provider ?? name };
  return provider === undefined
    ? { kind: "unknown-provider", provider: name }
    : { kind: "target", target: { provider, model } };
};
