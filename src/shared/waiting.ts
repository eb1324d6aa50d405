/** Tells somebody who waits that something is under way: nothing for what is quick, then a line now and then. */

const firstAfter = 3_000;
const every = 5_000;

/**
 * Says `<what> (12 s) …` after 3 seconds, then every 5.
 * @param what such as `LiteLLM is starting`
 * @returns ends it
 */
export const tellWaiting = (what: string, say: ((line: string) => void) | undefined): (() => void) => {
  if (say === undefined) return () => undefined;
  const began = Date.now();
  let timer: NodeJS.Timeout;
  const tell = (): void => {
    say(`${what} (${Math.round((Date.now() - began) / 1000)} s) …`);
    timer = setTimeout(tell, every);
  };
  timer = setTimeout(tell, firstAfter);
  return () => clearTimeout(timer);
};
