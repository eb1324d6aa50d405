/** The same bytes, cut anew. */

/** Cut after each of these offsets. */
export const cutAt = (bytes: Buffer, offsets: readonly number[]): Buffer[] => {
  const sorted = [...new Set(offsets)]
    .filter((offset) => offset > 0 && offset < bytes.length)
    .toSorted((a, b) => a - b);
  const chunks: Buffer[] = [];
  let from = 0;
  for (const offset of [...sorted, bytes.length]) {
    chunks.push(bytes.subarray(from, offset));
    from = offset;
  }
  return chunks;
};

/** One byte at a time: inside of every UTF-8 character, JSON string and CRLF. */
export const everyByte = (bytes: Buffer): Buffer[] => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));

/** Small generator of known sequence (mulberry32): a failing cut can be repeated from its seed. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};

/** Pieces of random length, up to `longest` bytes. */
export const randomly = (bytes: Buffer, seed: number, longest = 97): Buffer[] => {
  const random = randomFrom(seed);
  const offsets: number[] = [];
  for (let at = 0; at < bytes.length; at += 1 + Math.floor(random() * longest)) offsets.push(at);
  return cutAt(bytes, offsets);
};

/** After each line feed. */
export const atLines = (bytes: Buffer): Buffer[] => {
  const offsets: number[] = [];
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) offsets.push(at + 1);
  return cutAt(bytes, offsets);
};

/** Within each character of more than one byte. */
export const insideCharacters = (bytes: Buffer): Buffer[] => {
  const offsets: number[] = [];
  for (let at = 0; at < bytes.length; at++) if ((bytes[at]! & 0xc0) === 0x80) offsets.push(at);
  return cutAt(bytes, offsets);
};

/** LF line ends as CRLF; CRLF stays. */
export const withCrLf = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString("utf8").replaceAll(/\r?\n/g, "\r\n"));

/** Comments before every event, as OpenRouter sends them while it waits, and inside of every event. */
export const withComments = (bytes: Buffer): Buffer =>
  Buffer.from(
    bytes
      .toString("utf8")
      .replaceAll(/(^|\n\r?\n)(?=event:|data:)/g, "$1: PROCESSING\n\n")
      .replaceAll(/^data:/gm, ": keep-alive\ndata:"),
  );

/** Without the final `[DONE]`. */
export const withoutDone = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString("utf8").replaceAll(/^data: ?\[DONE\]\r?\n?/gm, ""));
