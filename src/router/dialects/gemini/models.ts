/** What differs between the generations of Gemini, by the model's id. */

/**
 * The generation in an id as a number: 2.5 for `gemini-2.5-pro`, 3.1 for `models/gemini-3.1-flash-lite-preview`. Ids without one
 * (`gemini-flash-latest`) mean the newest: Infinity. Other models of the API (Gemma) are as the second generation was.
 */
export const generationOf = (model: string): number => {
  const number = /gemini-(\d+(?:\.\d+)?)/.exec(model)?.[1];
  if (number !== undefined) return Number(number);
  return model.includes("gemini") ? Infinity : 2;
};

/**
 * The third generation and later: refuses function calls of the running turn without a signature, takes images inside of function responses,
 * thinks by levels, and takes Google's search beside functions (ai.google.dev/gemini-api/docs/gemini-3).
 */
export const isThird = (model: string): boolean => generationOf(model) >= 3;

/** Most stop sequences that Google takes (ai.google.dev/api/generate-content, GenerationConfig). */
export const mostStops = 5;
