/** The status line of the real client in shells on the host. */
import { afterEach, it } from "vitest";
import { project, type Project } from "../support/project.ts";
import { pricedConfig, statusLineDay } from "../support/status-line.ts";

let own: Project | undefined;
afterEach(() => own?.remove());

it("claude on the host says where the session went, what it cost and what is left, also in the next shell", async () => {
  own = project(pricedConfig("status-line-host"));
  await statusLineDay(own, "host");
}, 240_000);
