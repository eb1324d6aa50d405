/** Where a page of turns begins: `1795255200000-42`, when the last turn of the page before was, and its number. */
export const cursorOf = (text: string | undefined): readonly [number, number] | undefined => {
  const parts = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? "");
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2])];
};
export const isCursor = (text: string): boolean => cursorOf(text) !== undefined;
