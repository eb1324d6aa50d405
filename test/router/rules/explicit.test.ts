/** Models that a request names itself. */
import { describe, expect, it } from "vitest";
import { SwitchyardError } from "../../../src/shared/errors.ts";
import { testConfig } from "../../support/config.ts";
import { providers, withRoutes, decide, ruleOf, targetsOf } from "../../support/rules.ts";

describe("explicit", () => {
  it("a model named provider,model goes there, with the rest of its route behind it", async () => {
    expect(await ruleOf({ model: "one,default" })).toBe("explicit");
    expect(await targetsOf({ model: "Two,fallback" })).toEqual(["Two,fallback", "one,default"]);
    expect(await targetsOf({ model: "one,elsewhere/with:colons" })).toEqual(["one,elsewhere/with:colons"]);
  });
  it("the provider's letter case does not matter", async () => {
    expect(await targetsOf({ model: "ONE,x" })).toEqual(["one,x"]);
    expect(await targetsOf({ model: "two,x" })).toEqual(["Two,x"]);
  });
  it("the [1m] suffix of the client is no part of the id", async () => {
    expect(await targetsOf({ model: "one,x[1m]" })).toEqual(["one,x"]);
    const decision = await decide({ model: "claude-opus-5-5[1m]" });
    expect(decision.request.model).toBe("claude-opus-5-5");
  });
  it("the form that the list of models offers works", async () => {
    expect(await targetsOf({ model: "claude-via/one,x" })).toEqual(["one,x"]);
  });
  it("an alias works, and a bare id that exactly one target bears", async () => {
    const config = withRoutes('aliases: { coder: "Two,qwen" }');
    expect(await targetsOf({ model: "coder" }, config)).toEqual(["Two,qwen"]);
    expect(await targetsOf({ model: "search" })).toEqual(["one,search"]);
  });
  it("an id that two providers bear is not guessed", async () => {
    const config = testConfig(`${providers}routes: { default: ["one,same", "Two,same"] }`);
    expect(await ruleOf({ model: "same" }, config)).toBe("default");
  });
  it("a provider that is not configured is an error that names those that are", async () => {
    const error = await decide({ model: "nowhere,x" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SwitchyardError);
    expect(error).toMatchObject({ httpStatus: 404, message: expect.stringContaining("nowhere") });
    expect((error as Error).message).toContain("one, Two");
  });
  it("a provider that is switched off is an error that says why", async () => {
    const error = await decide({ model: "off,x" }).catch((thrown: unknown) => thrown);
    // 4xx: what is 5xx the client repeats in silence for minutes.
    expect(error).toMatchObject({
      code: "route.noTarget",
      httpStatus: 400,
      message: expect.stringContaining("OFF_KEY"),
    });
  });
  it("a provider that is switched off is stood in for by the rest of its route", async () => {
    const config = testConfig(`${providers}routes: { default: ["off,m", "one,d"] }`);
    expect(await targetsOf({ model: "off,m" }, config)).toEqual(["one,d"]);
  });
  it("a mistyped provider gets the nearest name", async () => {
    await expect(decide({ model: "twoo,x" })).rejects.toThrow(/Two/);
    await expect(decide({ model: "twoo,x" })).rejects.toThrow(/Did you mean "Two"/);
  });
  it("a provider without a model is an error, not the default", async () => {
    await expect(decide({ model: "one," })).rejects.toMatchObject({ httpStatus: 400 });
    await expect(decide({ model: "one,*" })).rejects.toMatchObject({ httpStatus: 400 });
  });
  it("a fallback that keeps the id asked for does not get another provider's id", async () => {
    const config = testConfig(`${providers}routes: { default: ["one,d", "Two,*"] }`);
    expect(await targetsOf({ model: "one,d" }, config)).toEqual(["one,d"]);
    expect(await targetsOf({}, config)).toEqual(["one,d", "Two,*"]);
  });
  it("demo answers where it is asked for by name", async () => {
    const config = testConfig(`${providers}routes: { default: ["one,d", "demo,echo"] }`);
    expect(await targetsOf({ model: "demo,echo" }, config)).toEqual(["demo,echo"]);
  });
});
