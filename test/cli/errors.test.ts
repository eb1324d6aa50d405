import { describe, expect, it } from "vitest";
import { explain } from "../../src/cli/errors.ts";
import { SwitchyardError } from "../../src/shared/errors.ts";

describe("what a user is told", () => {
  it("says what, where and what to do, and ends with the status of the error", () => {
    const told = explain(new SwitchyardError("port.inUse", { detail: "127.0.0.1:3000" }), false);
    expect(told.text).toBe(
      "switchyard: The port is already in use: 127.0.0.1:3000\n  Stop what listens there, or choose another with --port (0 takes a free one).\n",
    );
    expect(told.status).toBe(1);
    expect(explain(new SwitchyardError("config.invalid", { detail: "x" }), false).status).toBe(2);
  });

  it("never shows a stack of a bug of ours, unless asked", () => {
    const bug = new TypeError("x is not a function\nsecond line");
    const told = explain(bug, false);
    expect(told.text).toBe(
      "switchyard: internal error: x is not a function (SWITCHYARD_DEBUG=1 shows where)\n",
    );
    expect(told.status).toBe(1);
    expect(explain(bug, true).text).toContain("errors.test.ts");
  });

  it("takes even what is no error", () => {
    expect(explain("odd", false).text).toContain("internal error: odd");
  });
});
