/** What a provider's prompt cache goes by: the head of a request and the list of its conversation, as bytes. */

/** Markers say where the cache is to be written; they are no part of what is cached. */
const withoutMarkers = (body: string): Record<string, unknown> =>
  JSON.parse(body, (name, value: unknown) => (name === "cache_control" ? undefined : value)) as Record<
    string,
    unknown
  >;

/** A text alone is the same as a list of one text block, to Anthropic. */
const inBlocks = (list: unknown): unknown =>
  Array.isArray(list)
    ? (list as { content: unknown }[]).map((message) =>
        typeof message.content === "string"
          ? { ...message, content: [{ type: "text", text: message.content }] }
          : message,
      )
    : list;

/**
 * @param options.anyForm the provider reads both forms of a message's content as one
 * @returns `list` without its closing bracket, so that a longer one can begin with it; `head` is all that stands before it
 */
export const prefixOf = (
  body: string,
  options: { anyForm?: boolean } = {},
): { list: string; head: string } => {
  const sent = withoutMarkers(body);
  const said = sent["messages"] ?? sent["input"] ?? sent["contents"];
  const list = JSON.stringify(options.anyForm === true ? inBlocks(said) : said);
  const head = JSON.stringify([
    sent["system"],
    sent["instructions"],
    sent["systemInstruction"],
    sent["tools"],
  ]);
  return { list: list.slice(0, -1), head };
};
