/**
 * A config.yaml for LiteLLM's proxy, without what Switchyard's own LiteLLM has beside it: names and fallbacks as LiteLLM 1.102 knows them
 * (docs.litellm.ai/docs/proxy/{configs,reliability}).
 */
import { hostGateway } from "../../config/loopback-url.ts";
import type { ConfigSource } from "../../config/source.ts";
import { type Config, targetName } from "../../config/types.ts";
import type { CustomRule } from "../../config/types-rules.ts";
import { yamlText } from "../../config/yaml-text.ts";
import { masterKeyVariable } from "../../shared/container-layout.ts";
import { type Deployment, deploymentsOf } from "../../stack/litellm/deployments.ts";
import { generate } from "../../stack/litellm/generated.ts";
import { Keys } from "../../stack/litellm/keys.ts";
import { patterns, servable, unservable } from "../../stack/litellm/routes.ts";
import { lostOfProviders, lostProfiles, lostSections, namedTargets } from "./common.ts";
import type { Exporter, Note } from "./exporter.ts";

interface Document {
  model_list: Deployment[];
  router_settings: Record<string, unknown>;
  litellm_settings: Record<string, unknown>;
}

export const litellm: Exporter = {
  name: "litellm",
  title: "LiteLLM",
  file: "config.yaml",
  make: (config, source) => {
    const notes: Note[] = [];
    // Its keys are references already; what it makes for its own entrance is not part of an export.
    const names = { clientKey: "", masterKey: "" };
    const generated = generate(config, source, names).document as unknown as Document;
    const used = new Set(namedTargets(config).map(({ provider }) => provider));
    const isAsked = ({ model_name: name, litellm_params: params }: Deployment): boolean =>
      params["mock_response"] === undefined && (!/^[^,]+\/\*$/.test(name) || used.has(name.slice(0, -2)));
    const byRule = ruleDeployments(config, source, notes);
    const ruled = new Set(byRule.list.map(({ model_name: name }) => name));
    // What a rule falls back on is asked for by its own name.
    const context = { config, source, keys: new Keys(names) };
    const listed = new Set(generated.model_list.map(({ model_name: name }) => name));
    const behind = servable(namedTargets(config), config)
      .filter((target) => target.model !== "*" && !listed.has(targetName(target)))
      .flatMap((target) => deploymentsOf(targetName(target), target, context));
    const rest = generated.model_list.filter((each) => isAsked(each) && !ruled.has(each.model_name));
    const list = [...byRule.list, ...behind, ...rest].map(withoutGateway);
    const { callbacks: _callbacks, ...litellmSettings } = generated.litellm_settings;
    const document = {
      model_list: list,
      router_settings: {
        ...generated.router_settings,
        ...(byRule.fallbacks.length > 0 && {
          fallbacks: [
            ...byRule.fallbacks,
            ...((generated.router_settings["fallbacks"] as unknown[] | undefined) ?? []),
          ],
        }),
      },
      litellm_settings: litellmSettings,
      ...(config.server.clientKeys.length > 0 && {
        general_settings: { master_key: `os.environ/${masterKeyVariable}` },
      }),
    };
    return {
      text: yamlText(document),
      notes: [...notes, ...routeNotes(config), ...lostOf(config, source, used)],
    };
  },
};

/** An address of this machine is one again: inside of Switchyard's own stack it leads to the gateway. */
const withoutGateway = (deployment: Deployment): Deployment => {
  const base = deployment.litellm_params["api_base"];
  return typeof base !== "string"
    ? deployment
    : {
        ...deployment,
        litellm_params: { ...deployment.litellm_params, api_base: base.replaceAll(hostGateway, "127.0.0.1") },
      };
};

/** The names of a rule that looks at nothing but the model's name; undefined of another. */
const namesOf = ({ when }: CustomRule): string[] | undefined => {
  const { model, ...others } = when;
  if (model === undefined || Object.keys(others).length > 0 || model.some(({ kind }) => kind !== "glob"))
    return undefined;
  return model.map(({ shown }) => shown);
};

/** Rules that go by the model's name alone are LiteLLM's own way. */
const ruleDeployments = (
  config: Config,
  source: ConfigSource,
  notes: Note[],
): { list: Deployment[]; fallbacks: Record<string, string[]>[] } => {
  const context = { config, source, keys: new Keys({ clientKey: "", masterKey: "" }) };
  const list: Deployment[] = [];
  const fallbacks: Record<string, string[]>[] = [];
  for (const rule of config.custom?.rules ?? []) {
    const names = namesOf(rule);
    const [first, ...behind] = servable(rule.use, config);
    if (names === undefined || first === undefined) {
      notes.push({
        key: `rules: ${rule.name}`,
        outcome: "dropped",
        to: "",
        why:
          first === undefined
            ? "none of its targets is served there"
            : "LiteLLM goes by the model's name alone",
      });
      continue;
    }
    for (const name of names) {
      list.push(...deploymentsOf(name, first, context));
      const others = behind.filter(({ model }) => model !== "*").map(targetName);
      if (others.length > 0 && !name.includes("*")) fallbacks.push({ [name]: others });
      const isShort = others.length < behind.length || (others.length > 0 && name.includes("*"));
      notes.push({
        key: `rules: ${rule.name}`,
        outcome: isShort ? "changed" : "mapped",
        to: `model_list: ${name}`,
        why: isShort ? "a name with * has no fallbacks there" : "",
      });
    }
  }
  return { list, fallbacks };
};

const routeNotes = (config: Config): Note[] => {
  const served = patterns(config).map(({ match, route }) => ({
    match,
    name: Object.entries(config.routes).find(([, each]) => each === route)?.[0] ?? "default",
    route,
  }));
  return Object.entries(config.routes).flatMap(([name, route]): Note[] => {
    const found = served.find((each) => each.name === name);
    const first = servable(route.use, config)[0];
    if (found === undefined)
      return [
        { key: `routes.${name}`, outcome: "dropped", to: "", why: "LiteLLM goes by the model's name alone" },
      ];
    if (first === undefined)
      return [
        { key: `routes.${name}`, outcome: "dropped", to: "", why: "none of its targets is served there" },
      ];
    return [
      {
        key: `routes.${name}`,
        outcome: route.use.length > 1 ? "changed" : "mapped",
        to: `model_list: ${found.match}`,
        why: route.use.length > 1 ? "a name with * has no fallbacks there" : "",
      },
    ];
  });
};

const lostOf = (config: Config, source: ConfigSource, used: ReadonlySet<string>): Note[] => {
  const providers = [...used].flatMap((name): Note[] => {
    const why = unservable(config.providers.get(name));
    return [
      why === undefined
        ? { key: `providers.${name}`, outcome: "mapped", to: "model_list", why: "" }
        : { key: `providers.${name}`, outcome: "dropped", to: "", why },
    ];
  });
  const profiles = lostProfiles(config, "LiteLLM goes by the model's name alone");
  const aliases = [...config.aliases.keys()].map((name): Note => ({
    key: `aliases.${name}`,
    outcome: "mapped",
    to: "router_settings.model_group_alias",
    why: "",
  }));
  const server: Note[] =
    config.server.clientKeys.length > 0
      ? [
          {
            key: "server.clientKeys",
            outcome: "changed",
            to: "general_settings.master_key",
            why: `one key, of ${masterKeyVariable}`,
          },
        ]
      : [];
  return [
    ...providers,
    ...aliases,
    ...server,
    ...profiles,
    ...lostOfProviders(config, source, used),
    ...lostSections(source, []),
  ];
};
