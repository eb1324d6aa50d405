/** With which HTTP status the engine refused (docs.docker.com/reference/api/engine): dockerode throws it as `statusCode`. */

/** The status, or undefined of an error that is not the engine's answer. */
export const engineStatusOf = (error: unknown): number | undefined =>
  (error as { statusCode?: number }).statusCode;

/** What was asked for is not there, or no longer. */
export const isGone = (error: unknown): boolean => engineStatusOf(error) === 404;
