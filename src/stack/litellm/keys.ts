/** The variables of LiteLLM's process: the configuration names them, their values go another way. */
import type { CarriedSecret } from "../../config/container.ts";
import { clientKeyVariable, masterKeyVariable } from "../../shared/container-layout.ts";

/** Variables that LiteLLM, Python or the system act upon by themselves: a provider's key must not come under such a name. */
const taken =
  /^(?:LITELLM_|SWITCHYARD_CLIENT_KEY$|PYTHON|LD_|DATABASE_|REDIS_|PATH$|HOME$|LANG$|TMPDIR$|PORT$)/;

const upper = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");

export class Keys {
  readonly #values = new Map<string, string>();

  constructor(keys: { clientKey: string; masterKey: string }) {
    this.#values.set(clientKeyVariable, keys.clientKey);
    this.#values.set(masterKeyVariable, keys.masterKey);
  }

  /**
   * Takes a secret in.
   * @param secret under its own name where that is free, else under one of ours
   * @returns what the configuration says in its place
   */
  reference(secret: CarriedSecret): string {
    const own = taken.test(secret.variable) ? `SWITCHYARD_KEY_${upper(secret.variable)}` : secret.variable;
    return this.#put(own, secret.value);
  }

  /** As `reference`, for a value that is made of a secret, such as `Bearer …`. */
  derived(secret: CarriedSecret, suffix: string, value: string): string {
    return this.#put(`SWITCHYARD_${upper(suffix)}_${upper(secret.variable)}`, value);
  }

  #put(name: string, value: string): string {
    let free = name;
    for (let i = 2; this.#values.has(free) && this.#values.get(free) !== value; i++) free = `${name}_${i}`;
    this.#values.set(free, value);
    return `os.environ/${free}`;
  }

  get values(): Record<string, string> {
    return Object.fromEntries(this.#values);
  }
}
