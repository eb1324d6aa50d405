/** What a test starts and must end: routers and providers, in the reverse of their order. */
import { afterEach } from "vitest";

const open: { close(): Promise<void> }[] = [];

/** Remembers what was started, so that it is ended after the test, whatever comes of it. */
export const closing = <Started extends { close(): Promise<void> }>(started: Started): Started => {
  open.push(started);
  return started;
};

/** To be called once in a test file. */
export const closeAfterEach = (): void => {
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close();
  });
};
