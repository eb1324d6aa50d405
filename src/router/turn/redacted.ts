/** Secrets out of what a provider says: it may quote the key that it was sent, or the user's own. */
import { redactor } from "../../shared/log.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";
import type { Turn } from "./turn.ts";

type Secretive = Pick<Turn, "own" | "redact">;

export const redacted = (text: string, turn: Secretive): string => {
  const own = redactor(
    Object.values(turn.own as Record<string, string>).flatMap((value) => value.split(/\s+/)),
  );
  return own(turn.redact(text));
};

export const withoutSecrets = (failure: UpstreamFailure, turn: Secretive): UpstreamFailure => {
  const out = { ...failure, message: redacted(failure.message, turn) };
  if (failure.body === undefined) return out;
  const said = failure.body.toString("utf8");
  const clean = redacted(said, turn);
  return clean === said ? out : { ...out, body: Buffer.from(clean) };
};
