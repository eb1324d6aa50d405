/** The configuration of ours while it is made: providers without duplicates, keys as variables, routes, rules, profiles. */
import type { Tracked } from "../../config/preset-list.ts";
import type { Preset } from "../../config/preset-tree.ts";
import type { DialectName, RouteName } from "../../config/types.ts";
import { noProfileNames } from "../../config/resolve-profiles.ts";
import { profileModels } from "../../config/types-profiles.ts";
import { endpointOf } from "../../config/endpoints.ts";
import type { ProfileDraft, ProviderWish, RouteDraft, Secret } from "./draft-types.ts";
import { escaped, hostWord, isPlaceholder, slug, variableIn, variableNameOf } from "./texts.ts";

type Plain = Record<string, unknown>;

export class Draft {
  readonly tracked: Tracked;
  readonly #lookup: (name: string) => string | undefined;
  readonly #keepsLogin: boolean;
  readonly #providers = new Map<string, Plain>();
  readonly #providerOf = new Map<string, string>();
  readonly #secrets = new Map<string, string>();
  readonly #reserved = new Set<string>();
  readonly #renamed = new Map<string, string>();
  readonly routes: Partial<Record<RouteName, RouteDraft>> = {};
  readonly profiles = new Map<string, ProfileDraft>();
  // Without what every object has: a model may be called `constructor`.
  readonly aliases: Record<string, string> = Object.create(null) as Record<string, string>;
  readonly rules: Plain[] = [];
  readonly models: Record<string, Plain> = {};
  readonly budgets: Plain[] = [];
  /** Other sections, whole: `server`, `log`, `rulesScript`, `search`. */
  readonly sections: Plain = {};
  tierFirst = false;

  /**
   * @param lookup the value of a variable that is set on this machine, so that none is taken twice
   * @param keepsLogin `anthropic` goes on forwarding the client's own login
   */
  constructor(tracked: Tracked, lookup: (name: string) => string | undefined, keepsLogin: boolean) {
    this.tracked = tracked;
    this.#lookup = lookup;
    this.#keepsLogin = keepsLogin;
  }

  /** A variable that the other tool reads: no key that stands there as a text may get its name. */
  reserve(variable: string): void {
    this.#reserved.add(variable);
  }

  /**
   * Keeps a variable that the other tool's file itself sets; call it before any key is read. Where it has another value on this machine, it and every
   * reference to it get a name of their own.
   * @returns its name here
   */
  variable(name: string, value: string): string {
    this.#reserved.delete(name);
    const ours = variableIn(this.key(value, name, true) ?? "") ?? name;
    this.#reserved.add(name);
    this.#renamed.set(name, ours);
    return ours;
  }

  /**
   * A key as the configuration may hold it: `${NAME}`; its value goes to the keys' file.
   * @param wanted the variable that it would like
   * @param isKnown it is one, though it looks like a sample
   * @returns undefined where the text is empty or a placeholder of the tool's sample
   */
  key(value: string, wanted: string, isKnown = false): string | undefined {
    const variable = variableIn(value);
    if (variable !== undefined) return `\${${this.#renamed.get(variable) ?? variable}}`;
    if (value.trim() === "" || (!isKnown && isPlaceholder(value))) return undefined;
    for (let n = 1; ; n++) {
      const name = n === 1 ? wanted : `${wanted}_${n}`;
      const taken = this.#secrets.get(name) ?? this.#lookup(name);
      if (taken === undefined ? this.#reserved.has(name) : taken !== value) continue;
      if (this.#lookup(name) === undefined) this.#secrets.set(name, value);
      return `\${${name}}`;
    }
  }

  /** A key of clients. A variable may be set where the other tool runs alone: without it only this machine is served, and nothing else is refused. */
  clientKey(value: string): string | undefined {
    const key = this.key(value, "SWITCHYARD_CLIENT_KEY");
    return variableIn(value) === undefined ? key : key?.replace("}", ":-}");
  }

  /** Keys that are not kept on this machine yet. */
  get secrets(): readonly Secret[] {
    return [...this.#secrets].map(([name, value]) => ({ name, value }));
  }

  /**
   * Adds a provider, or finds the same one: address, protocol, keys and all.
   * @returns its name here
   */
  provider(wish: ProviderWish): string {
    const { presets } = this.tracked;
    const named = presets.find(({ name }) => name === wish.preset);
    const endpoint =
      wish.baseUrl === undefined
        ? { dialect: named?.dialect ?? "anthropic", baseUrl: named?.baseUrl ?? "", preset: named }
        : endpointOf(wish.baseUrl, wish.dialect, presets);
    const identity = JSON.stringify([endpoint.dialect, endpoint.baseUrl, wish.keys, wish.more]);
    const known = this.#providerOf.get(identity);
    if (known !== undefined) return known;
    const name = this.#freeName(
      slug(wish.name ?? endpoint.preset?.name ?? hostWord(endpoint.baseUrl), "provider"),
      endpoint.preset?.name === "anthropic",
    );
    this.#providers.set(name, this.#fields(name, endpoint, wish));
    this.#providerOf.set(identity, name);
    return name;
  }

  #freeName(wanted: string, isAnthropic: boolean): string {
    const taken = new Set([...this.#providers.keys()].map((each) => each.toLowerCase()));
    // `demo` is built in, and `anthropic` is Anthropic; where the client's own login is to be forwarded, it does that.
    taken.add("demo");
    if (this.#keepsLogin || !isAnthropic) taken.add("anthropic");
    for (let n = 1; ; n++) {
      const name = n === 1 ? wanted : `${wanted}-${n}`;
      // A name that config/default.yaml has is written as there.
      if (!taken.has(name.toLowerCase()))
        return this.tracked.providers.find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;
    }
  }

  #fields(
    name: string,
    endpoint: { dialect: DialectName; baseUrl: string; preset: Preset | undefined },
    { keys, more }: ProviderWish,
  ): Plain {
    const { preset } = endpoint;
    const wanted = preset?.variable ?? variableNameOf(name);
    const isHere = /^https?:\/\/(?:127\.|localhost\b|\[::1\])/.test(endpoint.baseUrl);
    const kept = keys.flatMap(({ value, terms }): (string | Plain)[] => {
      // What a server of this machine gets is its key, whatever it looks like; one that asks for none gets none.
      if (isHere && isPlaceholder(value) && preset?.variable === undefined) return [];
      const key = this.key(value, wanted, isHere);
      // Named all the same, so that the provider is off until its key is there.
      const text = key ?? `\${${wanted}}`;
      return [terms === undefined || Object.keys(terms).length === 0 ? text : { key: text, ...terms }];
    });
    // What config/default.yaml says of a provider of this name must not show through.
    const below = this.tracked.providers.find((each) => each === name);
    const whole = below !== undefined || preset === undefined || preset.dialect !== endpoint.dialect;
    return {
      ...(preset !== undefined ? { preset: preset.name } : below !== undefined ? { preset: null } : {}),
      ...(whole && { dialect: endpoint.dialect }),
      ...((whole || preset.baseUrl !== endpoint.baseUrl) && { baseUrl: escaped(endpoint.baseUrl) }),
      ...(below !== undefined && { auth: kept.length === 0 ? "none" : "key" }),
      keys: kept,
      ...more,
    };
  }

  /** Sets a field of every provider that was added, unless it has one. */
  forEveryProvider(field: string, value: unknown): void {
    for (const fields of this.#providers.values()) fields[field] ??= value;
  }

  get providerNames(): readonly string[] {
    return [...this.#providers.keys()];
  }

  /** A name for a rule that no other has. */
  ruleName(wanted: string): string {
    const base = slug(wanted, "rule");
    const taken = new Set(this.rules.map((rule) => rule["name"]));
    for (let n = 1; ; n++) {
      const name = n === 1 ? base : `${base}-${n}`;
      if (!taken.has(name)) return name;
    }
  }

  /** A rule that sends models of these names (`*` stands for anything) to targets. */
  modelRule(name: string, models: readonly string[], use: readonly string[]): void {
    this.rules.push({
      name: this.ruleName(name),
      when: { model: models.length === 1 ? models[0] : models },
      use,
    });
  }

  /** A name for a profile that no other has. */
  profileName(wanted: string): string {
    const word = slug(wanted, "profile").toLowerCase().replaceAll(".", "-");
    // What other tools call `default` is a provider like any other there.
    const base = noProfileNames.includes(word) ? `${word}-profile` : word;
    let free = base;
    for (let n = 2; this.profiles.has(free); n++) free = `${base}-${n}`;
    return free;
  }

  /** Adds a profile under a name of its own, and says which. */
  profile(wanted: string, profile: ProfileDraft): string {
    const name = this.profileName(wanted);
    this.profiles.set(name, profile);
    return name;
  }

  /** What a profile of config/profiles/ says under the same name must not show through. */
  #whole(name: string, profile: ProfileDraft): ProfileDraft | Plain {
    if (!this.tracked.profiles.includes(name)) return profile;
    const missing = profileModels.filter((tier) => profile.models[tier] === undefined);
    return {
      ...profile,
      models: { ...profile.models, ...Object.fromEntries(missing.map((tier) => [tier, null])) },
    };
  }

  /** Whether a variable is set on this machine, and what it is. */
  valueOf(name: string): string | undefined {
    return this.#lookup(name);
  }

  /** As config/switchyard.yaml has it. Routes of config/default.yaml that the other tool does not know are taken away. */
  document(): Plain {
    const routes: Plain = {};
    const anything = Object.keys(this.routes).length > 0;
    for (const [name, route] of Object.entries(this.routes)) {
      const use = route.use.length === 1 ? route.use[0] : route.use;
      routes[name] = route.threshold === undefined ? use : { use, threshold: route.threshold };
    }
    for (const name of this.tracked.routes) if (anything && !(name in routes)) routes[name] = null;
    if (this.tierFirst) routes["tierFirst"] = true;
    return {
      ...this.sections,
      ...(this.#providers.size > 0 && { providers: Object.fromEntries(this.#providers) }),
      ...(anything && { routes }),
      ...(this.rules.length > 0 && { rules: this.rules }),
      ...(Object.keys(this.aliases).length > 0 && { aliases: this.aliases }),
      ...(Object.keys(this.models).length > 0 && { models: this.models }),
      ...(this.budgets.length > 0 && { budgets: this.budgets }),
      ...(this.profiles.size > 0 && {
        profiles: Object.fromEntries(
          [...this.profiles].map(([name, profile]) => [name, this.#whole(name, profile)]),
        ),
      }),
    };
  }
}
