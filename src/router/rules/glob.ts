/** Names of which `*` stands for anything. */

/** Whether a whole name fits. Both in lower case, where letter case is not to matter. */
export const matchesGlob = (glob: string, name: string): boolean => {
  const parts = glob.split("*");
  const [first = "", ...others] = parts;
  const last = others.pop();
  if (last === undefined) return name === glob;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  // The leftmost place of each part leaves the most room for those behind it: no backtracking.
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
};
