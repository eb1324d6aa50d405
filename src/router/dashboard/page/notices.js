/** What everybody must know, whatever view is open: a configuration that is not in force, and budgets that are used up. */
import { useAnswer } from "./api.js";
import { html, Note } from "./ui.js";
import * as format from "./format.js";

/** @returns key, tone, words, and the view that it leads to */
const configurationNotices = ({ problem, needsRestart = [] }) => [
  ...(problem === undefined
    ? []
    : [
        {
          key: "problem",
          tone: "bad",
          words: `The configuration was changed and is not in force, since ${format.dayAndClock(problem.since)}: ${problem.message}`,
          view: ["config", "Open it"],
        },
      ]),
  ...(needsRestart.length === 0
    ? []
    : [
        {
          key: "restart",
          tone: "warn",
          words: `In force from the next start of the router: ${needsRestart.join(", ")}.`,
          view: ["config", "Open it"],
        },
      ]),
];

/** Budgets that are named one by one: every client key may have its own. */
const mostBudgets = 3;

const budgetNotices = (budgets) => {
  const used = budgets.filter(({ spent, limit }) => spent >= limit);
  const notices = used.slice(0, mostBudgets).map(({ budget, of, limit, per, until }) => ({
    key: `${budget} ${of}`,
    tone: "warn",
    words: `The budget ${budget.replace(/^\/key /, "of the key ")}${of === null || budget.startsWith("/key ") ? "" : ` (${of})`} is used up: ${format.dollars(limit)} a ${per}. It begins anew ${format.distance(until)}.`,
    view: ["keys", "Look at it"],
  }));
  const more = used.length - notices.length;
  if (more > 0)
    notices.push({
      key: "more",
      tone: "warn",
      words: `${format.count(more)} more budgets are used up.`,
      view: ["keys", "Look at them"],
    });
  return notices;
};

export const Notices = () => {
  const state = useAnswer("/api/state", 10_000);
  const budgets = useAnswer("/api/budgets", 10_000);
  const all = [
    ...configurationNotices(state.data?.configuration ?? {}),
    ...budgetNotices(budgets.data?.budgets ?? []),
  ];
  return all.length === 0
    ? null
    : html`<div class="notices" role="region" aria-label="Notices">
        ${all.map(
          ({ key, tone, words, view: [view, word] }) =>
            html`<${Note} key=${key} tone=${tone}
              ><span class="words">${words}</span> <a href=${`#/${view}`}>${word}</a><//
            >`,
        )}
      </div>`;
};
