/** Steps that fail, in the words that a user reads. The engine is a fake that fails as the real one does. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/connect.ts";
import { executePlan, type StackWork } from "../../../src/engine/stack/execute.ts";
import { stackFiles } from "../../../src/engine/stack/files.ts";
import { SwitchyardError } from "../../../src/shared/errors.ts";
import type { Step } from "../../../src/stack/plan/types.ts";

/** As dockerode's. */
const answer = (statusCode: number, message: string): Error =>
  Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${message} `), {
    statusCode,
    json: { message },
  });

const never = (): never => {
  throw new Error("not asked for here");
};

const workWith = (thrown: unknown, but: Partial<StackWork> = {}): StackWork => {
  const fail = async (): Promise<never> => {
    throw thrown;
  };
  const thing = { remove: fail, stop: fail };
  return {
    engine: {
      docker: { getVolume: () => thing, getNetwork: () => thing, getContainer: () => thing },
    } as unknown as Engine,
    compose: { project: "demo", root: "/", document: "/state/compose/services.yaml", overrides: [] },
    files: stackFiles("/state"),
    settingsOf: never,
    probeOf: never,
    build: never,
    patience: () => 0,
    report: { step: () => undefined, waiting: () => undefined, healthy: () => undefined },
    ...but,
  };
};

const failure = async (step: Step, work: StackWork): Promise<Partial<SwitchyardError>> => {
  try {
    await executePlan(work, [step], { rollback: false });
  } catch (error) {
    if (error instanceof SwitchyardError) return { code: error.code, detail: error.detail, hint: error.hint };
    throw error;
  }
  throw new Error("it did not fail");
};

const volume: Step = { do: "remove", what: "volume", name: "demo_client", because: "" };

describe("a step that fails", () => {
  it("because somebody else uses the volume says so, and how to find out who", async () => {
    expect(
      await failure(volume, workWith(answer(409, "remove demo_client: volume is in use - [4711]"))),
    ).toEqual({
      code: "engine.failed",
      detail: "remove volume demo_client: remove demo_client: volume is in use - [4711]",
      hint: "Something that is not this project's uses it: docker ps --all --filter volume=demo_client. End that, then try again.",
    });
  });

  it("because the engine ended in the middle says that the same command goes on later", async () => {
    const error = Object.assign(new Error("connect ENOENT /var/run/docker.sock"), { code: "ENOENT" });
    const told = await failure({ do: "stop", container: "demo-router-1", because: "" }, workWith(error));
    expect(told).toEqual({
      code: "engine.failed",
      detail: "stop demo-router-1: the engine does not answer any more (connect ENOENT /var/run/docker.sock)",
      hint: "Once it runs again, the same command goes on where this one ended.",
    });
  });

  it("is none where the thing is gone already", async () => {
    await executePlan(workWith(answer(404, "no such volume")), [volume], { rollback: false });
  });

  it("by Ctrl-C is an interruption, and says what was going on and what to do", async () => {
    const signal = AbortSignal.abort();
    const told = await failure(
      { do: "wait", service: "litellm", because: "" },
      workWith(undefined, { signal }),
    );
    expect(told).toEqual({
      code: "stack.interrupted",
      detail: "wait until litellm is healthy",
      hint: "What was started runs on. Go on: switchyard up. End it: switchyard down.",
    });
  });
});
