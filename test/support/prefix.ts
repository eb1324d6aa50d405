/** What a provider's prompt cache goes by: the head of a request and the list of its conversation, as bytes. */

/** Markers say where the cache is to be written; they are no part of what is cached. */
const withoutMarkers = (body: string): Record<string, unknown> =>
  JSON.parse(body, (name, value: unknown) => (name === "cache_control" ? undefined : value)) as Record<
    string,
    unknown
  >;

/** @returns `list` without its closing bracket, so that a longer one can begin with it; `head` is all that stands before it */
export const prefixOf = (body: string): { list: string; head: string } => {
  const sent = withoutMarkers(body);
  const list = JSON.stringify(sent["messages"] ?? sent["input"] ?? sent["contents"]);
  const head = JSON.stringify([
    sent["system"],
    sent["instructions"],
    sent["systemInstruction"],
    sent["tools"],
  ]);
  return { list: list.slice(0, -1), head };
};
