const WORDS = { h: 'hour', d: 'day', w: 'week', mo: 'month' };

/** `7d` as `7 days`: the window that a stream is judged on. */
export const windowWords = ({ accuracyWindow }) => {
  const [, number, unit] = /^(\d+)([a-z]+)$/.exec(accuracyWindow) ?? [];
  const word = WORDS[unit];
  return word === undefined ? accuracyWindow : `${number} ${word}${number === '1' ? '' : 's'}`;
};

/** The narrowest level of a stream, in percent, and the share of actuals that its intervals held. */
export const narrowest = ({ levels: [level] }, accuracy) => ({
  level,
  share: accuracy?.metrics[`coverage_${level}`] ?? null,
});
