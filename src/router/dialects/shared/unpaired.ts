/** What a provider is told where the history of a client that was interrupted, or that was cut, holds a call without a result or the other way round. */

/** In the place of a result. */
export const noResult = "[This call was not run]";

/** Before a result whose call is gone. */
export const strayHeading = "[The result of an earlier tool call]";
