/** What each rule goes by, in one sentence; and what the rules said of one request. */
import { Dot, html } from "./ui.js";

const sentences = {
  explicit: "The request names its target itself: provider,model, an alias, or the id of a configured model.",
  longContext: "The request has more input tokens than the threshold of this route.",
  subagent: "A subagent asked, or the prompt carries a tag that names a model for it.",
  background: "The client asked for a small model (claude … haiku), as it does for its own little tasks.",
  webSearch: "The request offers a web search.",
  image: "The last message of the user has an image.",
  think: "The client asked for thinking on purpose: enabled, or with a high effort.",
  opus: "The model that was asked for is of the tier opus.",
  sonnet: "The model that was asked for is of the tier sonnet.",
  haiku: "The model that was asked for is of the tier haiku.",
  fable: "The model that was asked for is of the tier fable.",
  default: "No other rule matched.",
};

export const ruleWords = (rule) => {
  if (rule.startsWith("custom:")) return "A rule of your own in the configuration, or your script, answered.";
  return Object.hasOwn(sentences, rule) ? sentences[rule] : "";
};

/** What the rules that were asked said of a request, in their order. @param rule the one that decided */
export const WhyList = ({ why, rule: decided }) =>
  html`<ul class="why">
    ${why.map(
      ({ rule, matched, reason }) =>
        html`<li class=${matched ? "" : "no"}>
          <${Dot}
            tone=${matched ? (rule === decided ? "good" : "warn") : ""}
            label=${matched ? "matches" : "does not match"}
          />
          <span class=${rule === decided ? "yes" : ""}>${rule}</span><span>${reason}</span>
        </li>`,
    )}
  </ul>`;
