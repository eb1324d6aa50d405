/** A build's plain output, shortened to what a person follows: each step once, in one line. Errors show the whole (docker-cli.ts). */

const step = /^#(\d+) (\[[^\]]+\] \S.*)$/;
const longest = 100;

/** Takes the output of `--progress plain` as it comes; calls `say` with each step that begins. */
export const buildProgress = (say: (line: string) => void): ((text: string) => void) => {
  const seen = new Set<string>();
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, number, words] = step.exec(line) ?? [];
      if (number === undefined || words === undefined || seen.has(number) || words.startsWith("[internal]"))
        continue;
      seen.add(number);
      const short = words.replaceAll(/--mount=\S+ /g, "").replaceAll(/\s+/g, " ");
      say(short.length > longest ? `${short.slice(0, longest)} …` : short);
    }
  };
};
