/** Headers of the administration's answers. */

/** Everything that a page uses comes from the router itself; nothing of it is framed, guessed at, or kept. */
const common = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-frame-options": "DENY",
} as const;

/** Of `/api/…`: data, which no browser is to show as a page or to keep. */
export const apiHeaders: Readonly<Record<string, string>> = {
  ...common,
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
};

/** Of pages. No script or style may stand in a page itself: text that came from a model or a client cannot become one. */
export const pageHeaders: Readonly<Record<string, string>> = {
  ...common,
  "cache-control": "no-cache",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // No text can be made into markup or code by a script of ours either.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
};
