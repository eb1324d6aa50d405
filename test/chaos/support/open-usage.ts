/** What turns that are held open use: another figure for each. */
export const usageOfTurn = (turn: number): { prompt: number; completion: number } => ({
  prompt: 1_000 + turn,
  completion: 1 + (turn % 500),
});

/** In tenths of a millionth of a dollar, at 3 dollars a million in and 15 out: whole numbers, so that no sum is rounded. */
export const tenthsOfTurn = (turn: number): number => {
  const { prompt, completion } = usageOfTurn(turn);
  return prompt * 30 + completion * 150;
};
