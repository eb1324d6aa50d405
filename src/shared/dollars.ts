/** Sums of money as people read them: in the terminal, on the dashboard, in the status line and in errors. It imports nothing: a copy of it goes to the browser. */

/** Below it nothing is worth a digit. */
const least = 0.000_001;

/**
 * `$1,234.50`, `$0.42`, `$0.0042`, `$0`: cents, and of less than ten cents two digits that count, so that no sum looks like nothing.
 * @param amount US dollars, not below 0
 */
export const dollars = (amount: number): string => {
  if (amount === 0) return "$0";
  if (amount < least) return "<$0.000001";
  if (amount < 0.1) return `$${amount.toPrecision(2)}`;
  const [whole = "", cents = ""] = amount.toFixed(2).split(".");
  return `$${whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ",")}.${cents}`;
};
