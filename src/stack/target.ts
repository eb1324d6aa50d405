/** Where the client's requests go: a service of the stack, or an address of the user's choice. Pure. */
import { isJsonObject, parseJsonObject } from "../shared/json.ts";

export type Target =
  /** `url`: where it is reached, for a service of the user's own; router and LiteLLM have fixed places. */
  | { readonly kind: "service"; readonly service: string; readonly url?: string }
  /** `tokenEnv` names the variable that holds the token; the token itself is never kept with it. */
  | { readonly kind: "url"; readonly url: string; readonly tokenEnv?: string };

export const defaultTarget: Target = { kind: "service", service: "router" };

/** As a user reads it: `router`, `https://api.example.com (token of EXAMPLE_KEY)`. */
export const targetText = (target: Target): string => {
  if (target.kind === "service") return target.service;
  return target.tokenEnv === undefined ? target.url : `${target.url} (token of ${target.tokenEnv})`;
};

export const sameTarget = (a: Target, b: Target): boolean => targetText(a) === targetText(b);

/** The choice, as it outlives `down` and `up`. Times are of the form 2026-11-21T10:00:00.000Z. */
export interface TargetRecord {
  readonly target: Target;
  readonly since: string;
  /** Where it pointed before the last switch. */
  readonly previous?: Target;
}

const parseTarget = (value: unknown): Target | undefined => {
  if (!isJsonObject(value)) return undefined;
  const { kind, service, url, tokenEnv } = value;
  if (kind === "service" && typeof service === "string")
    return { kind, service, ...(typeof url === "string" && { url }) };
  if (kind === "url" && typeof url === "string")
    return { kind, url, ...(typeof tokenEnv === "string" && { tokenEnv }) };
  return undefined;
};

/** Reads what `renderRecord` wrote; undefined for anything else. */
export const parseRecord = (text: string | undefined): TargetRecord | undefined => {
  const value = parseJsonObject(text);
  if (value === undefined || typeof value["since"] !== "string") return undefined;
  const target = parseTarget(value["target"]);
  const previous = parseTarget(value["previous"]);
  return target && { target, since: value["since"], ...(previous && { previous }) };
};

export const renderRecord = (record: TargetRecord): string => `${JSON.stringify(record, null, 2)}\n`;
