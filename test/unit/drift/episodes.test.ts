import { describe, expect, it } from 'vitest';
import { NO_EPISODE, stepEpisode, type Episode } from '../../../src/drift/episodes.ts';

const DAY = 86_400_000;

/** One letter a day: `.` quiet, `f` flagged, `w` flagged and worse. What each day newly reaches. */
const reachedBy = (days: string): string => {
  let episode: Episode = NO_EPISODE;
  return days
    .split('')
    .map((day, index) => {
      const step = stepEpisode(episode, {
        tick: index * DAY,
        isFlagged: day !== '.',
        isWorse: day === 'w',
      });
      episode = step.episode;
      return step.reached?.[0] ?? '-';
    })
    .join('');
};

describe('an episode', () => {
  it.each([
    ['needs two flags in a row', '.f.f..', '------'],
    ['is suspected at the second flag', '.ff', '--s'],
    ['is confirmed once the loss is worse too for two days', '.fffww', '--s--c'],
    [
      'is not confirmed by single days, of which luck has one in twenty',
      '.ffwfwfw.w',
      '--s-------',
    ],
    ['is confirmed at once when it is worse while it opens', 'ww', '-c'],
    ['is confirmed a day later when it is worse as it opens', 'fww', '-sc'],
    ['is confirmed once', 'wwww', '-c--'],
    ['is cleared after two days without a flag', 'wwf.f..', '-c----c'],
    ['is not opened again for seven days', 'ff..ffffffff', '-s-c-------s'],
    ['is opened again after them', 'ff..........ff', '-s-c---------s'],
  ])('%s: %s', (_name, days, reached) => {
    expect(reachedBy(days)).toBe(reached);
  });

  it('remembers when it was opened', () => {
    const first = stepEpisode(NO_EPISODE, { tick: DAY, isFlagged: true, isWorse: false });
    const second = stepEpisode(first.episode, { tick: 2 * DAY, isFlagged: true, isWorse: false });
    expect(second.episode).toMatchObject({ state: 'suspected', openedAt: 2 * DAY });
  });
});
