/** Loaded before the router's own process (`node --expose-gc --import`): says, when it is asked over IPC, how much memory is left after a collection. */
process.on("message", () => {
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.(process.memoryUsage());
});
// A listener alone must not keep the router from ending.
process.channel?.unref();
