/** `switchyard down` and `switchyard clean`: the ends of a stack. */
import type { Observed, Plan, Step } from "./types.ts";

const isUp = (state: string): boolean => state === "running" || state === "paused" || state === "restarting";

/** Ends every container of the project; what the client keeps, and the choice of the target, stay. */
export const planDown = (observed: Observed): Plan => {
  const steps: Step[] = [];
  for (const { container, running, workspace } of observed.fused) {
    if (running) steps.push({ do: "stop", container, because: `a fused shell of ${workspace}` });
  }
  // The client first: nobody is to see the others go.
  const services = observed.services.toReversed();
  for (const { container, state, service } of services) {
    if (isUp(state)) steps.push({ do: "stop", container, because: `the service ${service}` });
  }
  const because = "it is this project's";
  for (const { container } of [...observed.fused, ...services])
    steps.push({ do: "remove", what: "container", name: container, because });
  for (const name of observed.networks) steps.push({ do: "remove", what: "network", name, because });
  const kept = observed.volumes.length;
  const notes =
    kept === 0
      ? []
      : [
          `${kept} ${kept === 1 ? "volume is" : "volumes are"} kept: sessions, logins, what turns cost (switchyard clean removes them)`,
        ];
  return { steps, notes };
};

/** What is lost with a volume of ours, by the end of its name. */
const volumeReasons: readonly (readonly [string, string])[] = [
  ["_client", "sessions and logins of the client"],
  ["_router", "the ledger of fused shells, and keys that were made in them"],
];

/** The same of folders of the state folder. */
const folderReasons: readonly (readonly [string, string])[] = [
  ["/cliproxyapi", "logins of CLIProxyAPI's accounts"],
];

const reasonOf = (reasons: readonly (readonly [string, string])[], name: string, otherwise: string): string =>
  reasons.find(([end]) => name.endsWith(end))?.[1] ?? otherwise;

/** As `down`, and the volumes and generated files with it. The user's own files are not among them. */
export const planClean = (observed: Observed): Plan => {
  const { steps } = planDown(observed);
  return {
    steps: [
      ...steps,
      ...observed.volumes.map((name): Step => ({
        do: "remove",
        what: "volume",
        name,
        because: reasonOf(volumeReasons, name, "it is of this project's compose file"),
      })),
      ...observed.files.map((name): Step => ({
        do: "remove",
        what: "file",
        name,
        because: reasonOf(folderReasons, name, "it is generated"),
      })),
    ],
    notes: [],
  };
};
