/** The program of the fused images. */

/** SIGUSR1 would open Node's debugger to whoever may send it. */
export const fusedMain: readonly string[] = [
  "node",
  "--disable-sigusr1",
  "--disable-warning=ExperimentalWarning",
  "/opt/switchyard/src/fuse/container-main.ts",
];
