/** Google's clients may send their key in the query (`?key=`; ai.google.dev/api, authentication). It is taken out before anybody can write the address down. */
import type { IncomingHttpHeaders } from "node:http";

/** Paths of Google's API. `/v1/models` is others' too, who have no `key` in their query. */
const google = /^\/(?:(?:upload\/)?v1beta|v1\/models)(?:[/?]|$)/;

/**
 * The address without the key, which goes where the header `x-goog-api-key` would have it; a header that came wins.
 * @param url canonical path and query; @param headers of the request: changed
 */
export const takeQueryKey = (url: string, headers: IncomingHttpHeaders): string => {
  const mark = url.indexOf("?");
  if (mark === -1 || !google.test(url) || !/[?&]key=/.test(url)) return url;
  const query = new URLSearchParams(url.slice(mark + 1));
  const key = query.get("key") ?? "";
  query.delete("key");
  if (key !== "") headers["x-goog-api-key"] ??= key;
  const rest = query.toString();
  return rest === "" ? url.slice(0, mark) : `${url.slice(0, mark)}?${rest}`;
};
