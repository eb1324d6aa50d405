/** This machine's clock. A wrong one breaks certificates, logins, budgets and hours of keys. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { checkoutRoot } from "../../../shared/paths.ts";
import { bad, type Check, ok, type Patient } from "../check.ts";
import { remoteUrls } from "../used.ts";

/** Milliseconds. */
const tolerated = 5 * 60_000;
const day = 86_400_000;

/** The time of the first provider that tells it; any answer does. Milliseconds since the epoch. */
const timeOutside = async ({ loaded }: Patient): Promise<{ host: string; time: number } | undefined> => {
  for (const { url } of loaded === undefined ? [] : remoteUrls(loaded)) {
    try {
      const answer = await fetch(url.origin, { method: "HEAD", signal: AbortSignal.timeout(5_000) });
      const time = Date.parse(answer.headers.get("date") ?? "");
      if (!Number.isNaN(time)) return { host: url.host, time };
    } catch {
      // The check of names, and that of the providers, say why.
    }
  }
  return undefined;
};

export const clock: Check = {
  name: "clock",
  about: "this machine's clock",
  run: async (patient) => {
    const now = patient.now();
    const todo = "Set the clock, best by NTP (timedatectl set-ntp true).";
    const written = statSync(join(checkoutRoot(), "package.json")).mtimeMs;
    if (written > now + day)
      return [
        bad(`it is ${new Date(now).toISOString()} here, before this checkout's own files were written`, todo),
      ];
    const outside = patient.online ? await timeOutside(patient) : undefined;
    if (outside === undefined) return [ok(new Date(now).toISOString())];
    const off = Math.abs(now - outside.time);
    return [
      off > tolerated
        ? bad(`this clock is ${Math.round(off / 60_000)} min away from that of ${outside.host}`, todo)
        : ok(`within ${Math.ceil(off / 1_000)} s of ${outside.host}`),
    ];
  },
};
