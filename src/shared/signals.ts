/** Listening for signals of this process, and no longer: a signal that is listened for does not end it. */

/** @returns what ends the listening */
export const listenForSignals = (
  signals: readonly NodeJS.Signals[],
  listener: (signal: NodeJS.Signals) => void,
): (() => void) => {
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
};
