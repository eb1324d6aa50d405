/**
 * The two forms of `streamGenerateContent`: server-sent events (`?alt=sse`), and one JSON array whose items come one by one. What is between two answers must
 * be white space in both: some of Google's SDKs take a comment of server-sent events for a broken answer.
 */
export interface Framing {
  /** `content-type` of the stream. */
  readonly type: string;
  /** Sent while a provider is silent. */
  readonly ping: string;
  /** An answer, or an error, as a part of the stream. @param json one object */
  item(json: string): string;
  /** The end of the stream. */
  end(): string;
}

export const eventFraming = (): Framing => ({
  type: "text/event-stream; charset=utf-8",
  ping: "\n\n",
  item: (json) => `data: ${json}\r\n\r\n`,
  end: () => "",
});

/** Of one stream: it knows whether the array was begun, and whether it was ended. */
export const arrayFraming = (): Framing => {
  let begun = false;
  let ended = false;
  const open = (): string => {
    const sign = begun ? ",\r\n" : "[";
    begun = true;
    return sign;
  };
  return {
    type: "application/json; charset=utf-8",
    ping: "\n",
    item: (json) => open() + json,
    end() {
      if (ended) return "";
      ended = true;
      return begun ? "]" : "[]";
    },
  };
};
