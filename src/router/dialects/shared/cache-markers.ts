/** Prompt cache markers (`cache_control`): Anthropic, and those who pass its markers on, take four in a request. */

/** platform.claude.com/docs, prompt caching: "A maximum of 4 blocks with cache_control may be provided". */
export const mostMarkers = 4;

export interface Marked {
  cache_control?: unknown;
}

const isMarked = (block: Marked): boolean =>
  typeof block.cache_control === "object" && block.cache_control !== null;

/**
 * The marked ones of these blocks that lose their marker: none while there are no more than four. The first is kept, which covers tools and
 * system prompt and is the same in every turn, and the last ones, which the next turn reads.
 * @param blocks all that can bear a marker, in the order in which the cache sees them: tools, system, messages
 */
export const surplusMarkers = <Block extends Marked>(blocks: readonly Block[]): Block[] =>
  blocks.filter(isMarked).slice(1, -(mostMarkers - 1));
