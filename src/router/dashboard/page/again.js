/** What is only read is asked for again where the connection was lost: a container that starts on the machine is enough for that (early.js says why). */

/** Milliseconds before the second and the third time. */
const waits = [200, 800];

/** @param ask asks anew at each call @throws what it threw at the last */
export const again = async (ask) => {
  for (const wait of waits) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return ask();
};
