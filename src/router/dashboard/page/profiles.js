/** Profiles: which is the default, what each asks, and the choice of one. */
import { call, useAnswer } from "./api.js";
import { Failure, html, Pill, Table, useState } from "./ui.js";

/** How often the default profile is asked for, in milliseconds: it may be chosen by a command. */
const lookEvery = 10_000;

/** The default profile, beside the views; nothing where there is none. */
export const DefaultProfile = () => {
  const { data } = useAnswer("/api/profiles", lookEvery);
  const name = data?.default ?? null;
  if (name === null) return null;
  return html`<span class="pill accent" title="Serves what is asked without a profile"
    >profile ${name}</span
  >`;
};

/** Which profile's routes are shown, and the way to make it the default. @param onChoose told of a name, or "" for the default */
export const ProfileChoice = ({ chosen, onChoose, onDefault }) => {
  const { data, error, reload } = useAnswer("/api/profiles", lookEvery);
  const [failure, setFailure] = useState(undefined);
  const profiles = data?.profiles ?? [];
  const name = data?.default ?? null;
  if (profiles.length === 0) return html`<${Failure} error=${error} />`;
  const use = async (next) => {
    setFailure(undefined);
    try {
      await call("PUT", "/api/profile", { name: next });
      onChoose("");
      await reload();
      onDefault();
    } catch (problem) {
      setFailure(problem);
    }
  };
  return html`<div class="bar-line">
      <label
        >${"Routes of "}<select value=${chosen} onChange=${(event) => onChoose(event.target.value)}>
          <option value="">the default (${name === null ? "no profile" : name})</option>
          ${profiles.map(
            (each) =>
              html`<option value=${each.name} disabled=${each.disabled !== null}>
                ${each.name}${each.disabled === null ? "" : `: ${each.disabled}`}
              </option>`,
          )}
        </select></label
      >
      ${chosen !== "" && chosen !== name && html`<button type="button" onClick=${() => use(chosen)}>Make it the default</button>`}
      ${chosen === "" && name !== null && html`<button type="button" onClick=${() => use(null)}>Go back to no profile</button>`}
    </div>
    <${Failure} error=${failure} />`;
};

/** All profiles, to be read: they are changed in their files, or under `profiles`. */
export const ProfileList = () => {
  const { data, error } = useAnswer("/api/profiles");
  const profiles = data?.profiles ?? [];
  if (profiles.length === 0) return html`<${Failure} error=${error} />`;
  return html`<section class="panel">
    <header><h2>Profiles</h2></header>
    <${Table} label="Profiles" columns=${[["Profile"], ["State"], ["Models"], ["Defined in"]]}>
      ${profiles.map(
        (each) =>
          html`<tr>
            <td title=${each.description}>${each.name}</td>
            <td>
              ${each.disabled === null ? html`<${Pill} tone=${data.default === each.name ? "accent" : "good"}>${data.default === each.name ? "default" : "ready"}<//>` : html`<span class="soft">${each.disabled}</span>`}
            </td>
            <td class="name">
              ${Object.entries(each.models)
                .map(([model, use]) => `${model}: ${use.join(", then ")}`)
                .join("; ")}
            </td>
            <td><code>${each.file}</code></td>
          </tr>`,
      )}
    <//>
  </section>`;
};
