/** The scripted provider as a service of the fused container's own compose project, added by the user's override file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { loadConfig } from "../../../src/config/load.ts";
import type { Engine } from "../../../src/engine/connect.ts";
import { imageRequest } from "../../../src/engine/image-request.ts";
import { imageName } from "../../../src/engine/images.ts";
import { backends } from "../../../src/shared/backends.ts";
import { labels } from "../../../src/shared/container-layout.ts";
import { checkoutRoot } from "../../../src/shared/paths.ts";
import type { RecordedRequest } from "../../support/provider/server.ts";
import type { Fixture } from "./fixture.ts";

const port = 8080;

/** The provider's address for the backend. */
export const providerUrl = `http://provider:${port}`;

/** Writes the override; the provider starts with the first shell. */
export const addProvider = (at: Fixture, uid: number): void => {
  const root = checkoutRoot();
  const request = imageRequest(loadConfig({ env: {}, keyFiles: false }), { root, uid, gid: uid });
  const { fusedService } = backends[at.backend];
  const service = {
    // The fused image has what the provider needs: Node.
    image: imageName(fusedService, request, process.env["SWITCHYARD_BASE"]),
    entrypoint: ["node", "/test/support/provider/main.ts", String(port), "0.0.0.0"],
    init: true,
    user: "1000:1000",
    volumes: [`${join(root, "test")}:/test:ro`],
    ports: [`127.0.0.1::${port}`],
    labels: { [labels.project]: at.project, "switchyard.test": "provider" },
  };
  const folder = join(at.stateDir, "compose");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "override.yaml"),
    stringify({ services: { provider: service, [fusedService]: { depends_on: ["provider"] } } }),
  );
};

/** What the provider was asked so far; nothing where it does not run yet. */
export const requestsOf = async (engine: Engine, at: Fixture): Promise<RecordedRequest[]> => {
  const found = (await at.containers()).find(
    (each) => each.labels["switchyard.test"] === "provider" && each.state === "running",
  );
  if (found === undefined) return [];
  const { NetworkSettings } = await engine.docker.getContainer(found.id).inspect();
  const published = NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort;
  const answer = await fetch(`http://127.0.0.1:${published}/_requests`);
  return (await answer.json()) as RecordedRequest[];
};
