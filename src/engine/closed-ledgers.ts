/** The ledgers of fused shells that are closed: in volumes, which only a container can read. */
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { type ClosedLedger, labels, ledgersDir } from "../shared/container-layout.ts";
import { SwitchyardError } from "../shared/errors.ts";
import type { UsageQuestion } from "../shared/usage.ts";
import type { Engine } from "./connect.ts";
import { findContainers, removeContainer } from "./containers.ts";

const service = "fused-router";

/** Volumes of the project's routers, but for those of shells that are open: their routers answer for themselves. */
const closedVolumes = async (engine: Engine, project: string): Promise<{ name: string; of: string }[]> => {
  const wanted = { [labels.project]: project, [labels.service]: service };
  const filters = { label: Object.entries(wanted).map(([name, value]) => `${name}=${value}`) };
  const [{ Volumes }, containers] = await Promise.all([
    engine.docker.listVolumes({ filters }),
    findContainers(engine, wanted),
  ]);
  const open = new Set(
    containers.filter(({ state }) => state === "running").map((each) => each.labels[labels.workspace]),
  );
  return Volumes.map(({ Name, Labels }) => ({ name: Name, of: Labels?.[labels.workspace] ?? Name }))
    .filter(({ of }) => !open.has(of))
    .toSorted((a, b) => a.name.localeCompare(b.name));
};

/** The latest image that can read them; undefined where there is none. */
const reader = async (engine: Engine): Promise<string | undefined> => {
  const images = await engine.docker.listImages({ filters: { label: [`${labels.image}=${service}`] } });
  return images.toSorted((a, b) => b.Created - a.Created)[0]?.Id;
};

/** Runs the image's `usage`, with nothing but the volumes and the right to become their owner. @returns its stdout */
const runReader = async (
  engine: Engine,
  image: string,
  volumes: readonly string[],
  question: UsageQuestion,
): Promise<string> => {
  const container = await engine.docker.createContainer({
    Image: image,
    Cmd: ["usage", JSON.stringify(question)],
    User: "0:0",
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      CapAdd: ["SETUID", "SETGID", "SETPCAP"],
      SecurityOpt: ["no-new-privileges:true"],
      Mounts: volumes.map((Source, i) => ({ Type: "volume", Source, Target: `${ledgersDir}/${i}` })),
    },
  });
  try {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const [out, err] = [new PassThrough(), new PassThrough()];
    container.modem.demuxStream(stream, out, err);
    stream.once("end", () => {
      out.end();
      err.end();
    });
    await container.start();
    const [printed, words] = await Promise.all([text(out), text(err)]);
    if (printed.trim() === "")
      throw new SwitchyardError("engine.failed", { detail: words.trim() || "it says nothing" });
    return printed;
  } finally {
    await removeContainer(container);
  }
};

/**
 * What the ledgers of closed shells say.
 * @returns each with its workspace; `usage` is null where no turn was ever written
 * @throws SwitchyardError engine.failed, engine.none
 */
export const closedLedgers = async (
  engine: Engine,
  project: string,
  question: UsageQuestion,
): Promise<ClosedLedger[]> => {
  const volumes = await closedVolumes(engine, project);
  if (volumes.length === 0) return [];
  const image = await reader(engine);
  if (image === undefined) {
    const problem = "no image can read it: open a shell once (switchyard shell router)";
    return volumes.map(({ of }) => ({ name: of, problem }));
  }
  const names = volumes.map(({ name }) => name);
  const closed = JSON.parse(await runReader(engine, image, names, question)) as ClosedLedger[];
  return closed.map((each) => ({ ...each, name: volumes[Number(each.name)]?.of ?? each.name }));
};
