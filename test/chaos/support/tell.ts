/** One line of a chaos test's own for whoever watches: seeds and figures. */
export const tell = (line: string): void => void process.stderr.write(`[chaos] ${line}\n`);
