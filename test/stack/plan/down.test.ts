/** Plans of `switchyard down` and `switchyard clean`. */
import { describe, expect, it } from "vitest";
import { planClean, planDown } from "../../../src/stack/plan/down.ts";
import { planText } from "../../../src/stack/plan/text.ts";
import { observed, service } from "./states.ts";

const shell = { container: "demo-1a2b3c-fused-router-1", workspace: "/home/me/project", running: true };

describe("the plan of down", () => {
  it("ends the client first, then what serves it; volumes stay, and it says so", () => {
    expect(planText(planDown(observed()))).toBe(`1. stop demo-litellm-1: the service litellm
2. stop demo-claude-code-1: the service claude-code
3. stop demo-router-1: the service router
4. remove container demo-litellm-1: it is this project's
5. remove container demo-claude-code-1: it is this project's
6. remove container demo-router-1: it is this project's
7. remove network demo_stack: it is this project's
note: 1 volume is kept: sessions, logins, what turns cost (switchyard clean removes them)`);
  });

  it("ends fused shells too, and does not stop what has ended", () => {
    const seen = observed({
      services: [service("router", { state: "exited" })],
      fused: [shell],
      volumes: [],
    });
    expect(planText(planDown(seen)))
      .toBe(`1. stop demo-1a2b3c-fused-router-1: a fused shell of /home/me/project
2. remove container demo-1a2b3c-fused-router-1: it is this project's
3. remove container demo-router-1: it is this project's
4. remove network demo_stack: it is this project's`);
  });

  it("of nothing is nothing", () => {
    expect(planText(planDown(observed({ services: [], networks: [], volumes: [] })))).toBe("nothing to do");
  });
});

describe("the plan of clean", () => {
  it("names every volume and every generated file that it will delete", () => {
    const seen = observed({
      services: [],
      networks: [],
      volumes: ["demo_client", "demo_database", "demo-1a2b3c_router"],
      files: ["/state/compose/services.yaml", "/state/secrets"],
    });
    expect(planText(planClean(seen))).toBe(`1. remove volume demo_client: sessions and logins of the client
2. remove volume demo_database: it is of this project's compose file
3. remove volume demo-1a2b3c_router: the ledger of fused shells, and keys that were made in them
4. remove file /state/compose/services.yaml: it is generated
5. remove file /state/secrets: it is generated`);
  });
});
