/** Providers that a route or an alias names have their keys. */
import { type Check, type Found, note, ok } from "../check.ts";
import { usedProviders } from "../used.ts";

const how = {
  none: () => "needs no key",
  passthrough: () => "your own login is forwarded",
  key: (count: number) => `${count} set`,
} as const;

export const keys: Check = {
  name: "keys",
  about: "keys of the providers that your routes name",
  run: ({ loaded }) => {
    if (loaded === undefined) return [];
    const findings = usedProviders(loaded).flatMap((provider): Found[] => {
      if (provider.dialect === "demo") return [];
      if (provider.disabled === undefined)
        return [ok(`${provider.name}: ${how[provider.auth](provider.keys.length)}`)];
      const name = /\b[A-Z][A-Z0-9_]+\b/.exec(provider.disabled)?.[0];
      return [
        note(
          `${provider.name} is skipped: ${provider.disabled}`,
          name === undefined ? undefined : `export ${name}=…, or: switchyard secrets set ${name}`,
        ),
      ];
    });
    if (findings.some(({ state }) => state === "ok")) return findings;
    return [
      ...findings,
      note("no provider has a key: the demo provider answers", "switchyard init asks for keys."),
    ];
  },
};
