/** What Switchyard wants of a CLIProxyAPI, its own or the user's. Pure data. */

/**
 * How accounts are used up and what is tried again, by the names of CLIProxyAPI's config.yaml (config.example.yaml of 6.9.16): one account
 * after the other, the one with the highest priority first, and the next one where a quota is used up.
 */
export const cliproxyapiSettings = {
  // Larger numbers first; of those with the same priority one until it rests.
  routing: { strategy: "fill-first" },
  // 6.9.16 only keeps and shows these two; earlier versions change Google projects and models by them.
  "quota-exceeded": { "switch-project": true, "switch-preview-model": true },
  "request-retry": 3,
  // Seconds that a request waits for an account that rests.
  "max-retry-interval": 30,
} as const;
