/** Installs a peer from npm into the bench's own cache folder, once. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const cacheDir = join(
  process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"),
  "switchyard",
  "bench",
);

export const packageDir = (name: string, version: string): string =>
  join(cacheDir, `${name.replaceAll(/[@/]/g, "_")}-${version}`, "node_modules", name);

/** @throws Error with npm's output */
export const installFromNpm = async (name: string, version: string): Promise<void> => {
  const target = packageDir(name, version);
  const root = join(target, ...name.split("/").map(() => ".."), "..");
  if (existsSync(join(root, "installed"))) return;
  await mkdir(root, { recursive: true });
  await writeFile(join(root, "package.json"), `{"private": true}`);
  try {
    await promisify(execFile)(
      "npm",
      ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", `${name}@${version}`],
      { cwd: root, timeout: 300_000 },
    );
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    const said = stderr
      .split("\n")
      .filter((line) => line.startsWith("npm error "))
      .join(" ");
    throw new Error(`npm could not install ${name}@${version}: ${said.slice(0, 400) || message}`, {
      cause: error,
    });
  }
  await writeFile(join(root, "installed"), "");
};
