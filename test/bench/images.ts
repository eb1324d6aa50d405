/** How large the images are that contenders come in, where an engine answers and has them. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The repository part of a tag, by contender. */
const repositories: Readonly<Record<string, RegExp>> = {
  switchyard: /^switchyard\/router$/,
  "litellm-1w": /(^|\/)litellm$/,
  cliproxyapi: /(^|\/)cli-?proxy-?api$/,
  portkey: /^portkeyai\/gateway$/,
  bifrost: /^maximhq\/bifrost$/,
};

/** @returns MB (10^6 bytes) by contender, and what is said where there are none */
export const imageSizes = async (
  names: readonly string[],
): Promise<{ sizes: Map<string, number>; missing: string[] }> => {
  const sizes = new Map<string, number>();
  const docker = (...args: string[]) => promisify(execFile)("docker", args, { timeout: 10_000 });
  let lines: string[];
  try {
    const { stdout } = await docker("image", "ls", "--no-trunc", "--format", "{{.Repository}} {{.ID}}");
    lines = stdout.split("\n");
  } catch {
    return { sizes, missing: ["image sizes: no engine answers"] };
  }
  const missing: string[] = [];
  for (const name of names) {
    const repository = repositories[name];
    if (repository === undefined) continue;
    const id = lines.find((line) => repository.test(line.split(" ")[0]!))?.split(" ")[1];
    if (id === undefined) {
      missing.push(`image size of ${name}: the engine has none`);
      continue;
    }
    const { stdout } = await docker("image", "inspect", "--format", "{{.Size}}", id);
    sizes.set(name, Number(stdout) / 1e6);
  }
  return { sizes, missing };
};
