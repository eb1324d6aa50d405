import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const compileSooner = resolve(import.meta.dirname, "../../src/shared/compile-sooner.ts");

/** V8's own word for a function that its best compiler has taken (`OptimizationStatus::kTurboFanned`). */
const wellCompiled = 1 << 6;

/** What V8 says of a function that was called 1,500 times, behind a first statement. */
const statusBehind = (first: string): number => {
  const program = `
    const { compileSooner } = await import(${JSON.stringify(compileSooner)});
    ${first}
    const weigh = (parts) => { let sum = 0; for (const part of parts) sum += part * 3; return sum; };
    const turn = (call) => weigh([call, 1, 2]);
    // Else the function would become a part of it.
    %NeverOptimizeFunction(turn);
    for (let call = 0; call < 1500; call++) {
      turn(call);
      // It is compiled beside us, and taken at a later call.
      if (call % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log(%GetOptimizationStatus(weigh));`;
  const args = [
    "--allow-natives-syntax",
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "-e",
    program,
  ];
  return Number(
    execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
  );
};

it("what a router calls 1,500 times is compiled well, which V8 by itself would not have done", () => {
  expect(statusBehind("") & wellCompiled).toBe(0);
  expect(statusBehind("compileSooner();") & wellCompiled).toBe(wellCompiled);
});
