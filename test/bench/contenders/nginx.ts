/** A plain reverse proxy that others wrote: from Debian's package, unpacked into the bench's own folder where the machine has none. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Contender } from "./contender.ts";
import { cacheDir } from "./npm-install.ts";

const run = promisify(execFile);
const folder = join(cacheDir, "nginx");
const unpacked = join(folder, "usr/sbin/nginx");
const installed = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"];

const programOf = (): string => installed.find((path) => existsSync(path)) ?? unpacked;

/** @throws Error with apt's output. The system itself is left as it is: no package is installed, no service is made */
const prepare = async (): Promise<void> => {
  if (existsSync(programOf())) return;
  await mkdir(folder, { recursive: true });
  try {
    await run("apt-get", ["download", "-q", "nginx"], { cwd: folder });
    const file = (await readdir(folder)).find((name) => name.startsWith("nginx_") && name.endsWith(".deb"));
    if (file === undefined) throw new Error("apt-get downloaded no package");
    await run("dpkg-deb", ["-x", file, "."], { cwd: folder });
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    throw new Error(
      `no nginx here, and Debian's package could not be had: ${stderr.slice(-600) || message}`,
      {
        cause: error,
      },
    );
  }
};

/** One worker, as the others have one process. @param dir where it keeps what it writes */
const configOf = (port: number, providerPort: number, dir: string): string => `
daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  client_max_body_size 64m;
  client_body_buffer_size 4m;
  keepalive_requests 1000000;
  upstream provider { server 127.0.0.1:${providerPort}; keepalive 512; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;

export const nginx: Contender = {
  name: "nginx",
  about: "nginx of Debian as a plain reverse proxy, one worker, no log (a floor)",
  forms: ["chat", "gemini", "anthropic"],
  prepare,
  launch: async ({ port, providerPort, dir }) => {
    const file = join(dir, "nginx.conf");
    await writeFile(file, configOf(port, providerPort, dir));
    return { file: programOf(), args: ["-p", dir, "-c", file], env: { HOME: dir }, cwd: dir };
  },
  readyPath: "/",
  requestPath: () => "/v1/messages?beta=true",
  clientForm: () => "anthropic",
};
