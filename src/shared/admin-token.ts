/** The administrator's token: 256 random bits, told once; its SHA-256 is kept. */
import { createHash, randomBytes } from "node:crypto";
import { SwitchyardError } from "./errors.ts";
import { parseJsonObject } from "./json.ts";

export const adminTokenPrefix = "swa-";

export const makeAdminToken = (): { readonly token: string; readonly hash: string } => {
  const token = `${adminTokenPrefix}${randomBytes(32).toString("base64url")}`;
  return { token, hash: createHash("sha256").update(token).digest("hex") };
};

export const isTokenHash = (value: unknown): value is string =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

/** The hash in a file's text; undefined where there is none. @throws SwitchyardError state.unusable */
export const parseAdminFile = (text: string | undefined, file: string): string | undefined => {
  if (text === undefined) return undefined;
  const hash = parseJsonObject(text)?.["token"];
  if (isTokenHash(hash)) return hash;
  throw new SwitchyardError("state.unusable", {
    detail: `${file} holds no administrator's token`,
    hint: "Make a new one: switchyard admin token.",
  });
};

/** @param now milliseconds since the epoch */
export const adminFileText = (hash: string, now: number): string =>
  `${JSON.stringify({ version: 1, token: hash, createdAt: new Date(now).toISOString() })}\n`;
