/**
 * How a router shows that it is one of this project: it answers a random challenge with a MAC under the machine's secret. Whoever takes a port that a router
 * has left is told by that before it gets the secret itself, a key or a conversation.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Of a request of `/ready`: up to 128 characters. */
export const challengeHeader = "x-switchyard-challenge";
/** Of its answer. */
export const proofHeader = "x-switchyard-proof";

/**
 * Where a router is: the port on which it listens, by which a proof that was fetched from another router is none. In a container, which does not know where its
 * port is published, that word.
 */
export type RouterPlace = number | "container";

export const proofOf = (secret: string, challenge: string, place: RouterPlace): string =>
  createHmac("sha256", secret).update(`switchyard router\n${place}\n${challenge}`).digest("base64url");

const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

export interface Proven {
  /** What listens there knows the machine's secret. */
  readonly ours: boolean;
  /** It takes turns: it is not about to end. */
  readonly ready: boolean;
}

/**
 * Asks what listens there to show that it is a router of this project.
 * @param url `http://H:P` @param patience milliseconds @throws where nothing answers
 */
export const proveRouter = async (
  url: string,
  secret: string | undefined,
  patience: number,
): Promise<Proven> => {
  const challenge = randomBytes(16).toString("base64url");
  const answer = await fetch(`${url}/ready`, {
    headers: { [challengeHeader]: challenge, connection: "close" },
    redirect: "error",
    signal: AbortSignal.timeout(patience),
  });
  await answer.body?.cancel();
  const proof = answer.headers.get(proofHeader) ?? "";
  const places: readonly RouterPlace[] = [Number(new URL(url).port || 80), "container"];
  const ours = secret !== undefined && places.some((place) => same(proof, proofOf(secret, challenge, place)));
  return { ours, ready: ours && answer.ok };
};
