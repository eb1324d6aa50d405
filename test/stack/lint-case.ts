/** What a case of the lint is, and what its documents have in common. */
import type { ComposeLike } from "../../src/stack/lint.ts";

export interface LintCase {
  readonly title: string;
  readonly document: ComposeLike;
  /** Exactly these, as `severity rule service key`, without the service where there is none. */
  readonly finds: readonly string[];
  /** What is generated, where the document holds the user's additions too. */
  readonly generated?: ComposeLike;
  /** Compose finds this by itself: the rule is for documents that it has not seen. */
  readonly refused?: true;
}

/** One of the user's keys, which has no provider's form; and one that only looks like a key. Both made up. */
export const ownKey = "correct-horse-battery-staple";
export const keyLike = `sk-or-v1-${"0123456789abcdef".repeat(2)}`;
/** A path that no machine has. */
export const nowhere = "/no/such/folder";

export const image = "example";
export const local = (published: string, target = 80) => ({
  target,
  published,
  host_ip: "127.0.0.1",
  protocol: "tcp",
});
export const ours = { "io.switchyard.service": "claude-code" };
export const probe = { test: ["CMD", "true"] };
