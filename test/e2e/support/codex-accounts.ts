/** Accounts of Codex made by hand, in the form of CLIProxyAPI's own files, and the provider as it sees them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token of OpenAI's sign-in, which nobody signed. */
export const idToken = (email: string, plan: string): string =>
  [
    part({ alg: "none" }),
    part({
      email,
      "https://api.openai.com/auth": { chatgpt_plan_type: plan, chatgpt_account_id: `account-${plan}` },
    }),
    "unsigned",
  ].join(".");

/** Writes an account, valid for long. @returns its token */
export const writeAccount = (folder: string, name: string, plan: string, more: object = {}): string => {
  const token = `token-of-${name}`;
  const email = `${name}@example.com`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const account = {
    type: "codex",
    email,
    access_token: token,
    id_token: idToken(email, plan),
    account_id: `account-${plan}`,
    expired: "2036-01-01T00:00:00Z",
    last_refresh: new Date().toISOString(),
    ...more,
  };
  writeFileSync(join(folder, `codex-${email}-${plan}.json`), JSON.stringify(account), { mode: 0o600 });
  return token;
};

/** Host that CLIProxyAPI asks with an account of Codex, and the one that signs in. */
export const codexHost = "chatgpt.com";
export const signInHost = "auth.openai.com";
