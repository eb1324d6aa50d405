/** Values of other tools that may be, or hold, a secret: in headers, in bodies, in the address of a proxy. */
import { looksSecret } from "../../config/validate.ts";
import type { Draft } from "./draft.ts";
import { escaped, interpolated, variableNameOf } from "./texts.ts";

/** A header's value for the configuration: what looks like a key, or is called one, becomes a variable. */
export const headerValue = (draft: Draft, provider: string, name: string, value: string): string =>
  looksSecret(value) || namesSecret.test(name)
    ? (draft.key(value, variableNameOf(`${provider}_${name}`, "")) ?? escaped(value))
    : escaped(value);

/** Fields that hold a key, whatever it looks like; `max_tokens` is none. */
const namesSecret = /auth|key|token(?!s)|secret|cookie|passw|passphrase|credential/i;

/** As `headerValue`, for whatever stands in a body. */
export const bodyValue = (draft: Draft, provider: string, name: string, value: unknown): unknown => {
  if (typeof value === "string") return headerValue(draft, provider, name, value);
  if (Array.isArray(value)) return value.map((each) => bodyValue(draft, provider, name, each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => [key, bodyValue(draft, provider, key, below)]),
  );
};

/** A proxy's address for the configuration: one with a password in it becomes a variable. */
export const proxyUrl = (draft: Draft, url: string): string =>
  /\/\/[^/@]*@/.test(url) ? (draft.key(url, "PROXY_URL") ?? url) : interpolated(url);
