/** Cuts a stream of text into lines. */
export interface LineReader {
  readonly push: (text: string) => void;
  /** Hands over what stands after the last line end. */
  readonly end: () => void;
}

/** No line of ours is longer; what is gets cut, so that a stream without line ends cannot fill the memory. */
const longest = 64 * 1024;

export const createLineReader = (onLine: (line: string) => void): LineReader => {
  let rest = "";
  const hand = (line: string): void => {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text !== "") onLine(text);
  };
  return {
    push: (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) hand(line);
      if (rest.length > longest) {
        hand(rest);
        rest = "";
      }
    },
    end: () => {
      if (rest !== "") hand(rest);
      rest = "";
    },
  };
};
