/** Go's settings of this machine, as a build is given them. */
import { expect, it } from "vitest";
import { goSettings } from "../../src/engine/go-settings.ts";

const files: Record<string, string> = {
  "/home/me/.config/go/env": "GOPROXY=https://one.example\nGOFLAGS=-x\n",
  "/elsewhere": "GOSUMDB=sum.example\n",
};
const read = (file: string): string => files[file] ?? "";

it("a build as an image reaches the modules that Go reaches on this machine", () => {
  expect(goSettings({ XDG_CONFIG_HOME: "/home/me/.config" }, "/home/me", read)).toBe(
    "GOPROXY=https://one.example",
  );
  expect(goSettings({ GOENV: "/elsewhere", GOPROXY: "direct" }, "/home/me", read)).toBe(
    "GOSUMDB=sum.example\nGOPROXY=direct",
  );
});

it("what the environment says comes before the file, and nothing else of either is told", () => {
  const env = {
    XDG_CONFIG_HOME: "/home/me/.config",
    GOPROXY: "https://two.example",
    AWS_SECRET: "s",
    GOROOT: "/go",
  };
  expect(goSettings(env, "/home/me", read)).toBe("GOPROXY=https://two.example");
  expect(goSettings({ GOENV: "off" }, "/home/me", read)).toBe("");
});
