import { LADDER } from '../../evaluation/backtest-forecast.ts';
import type { BacktestResult } from '../../evaluation/backtest-table.ts';
import { ratio } from '../../evaluation/metrics.ts';
import { percent } from './figures.ts';

/** Whose forecasts the figures of the model are of; undefined where all are its own. */
const rulesLine = ({ model, count, ruleCount }: BacktestResult): string | undefined => {
  if (ruleCount === null || ruleCount === 0) return undefined;
  if (model === LADDER) {
    return (
      'no model could be fitted: histories before the origin are too short, and naive rules ' +
      'stood in; give more history, or shorter --seasons or --horizon'
    );
  }
  return (
    `${ruleCount} of ${count} forecasts (${percent(ratio(ruleCount, count))}) are those of naive ` +
    'rules, of series too young for the model or of which it knows nothing; its figures count ' +
    'them, and --forecasts names them'
  );
};

/** What the figures of the model leave out, and what they are not. */
export const caveats = (own: BacktestResult): readonly string[] => {
  const { excluded, maseExcluded } = own;
  const lines = [
    excluded > 0 ? `N leaves out ${excluded} forecasts of periods without a value` : undefined,
    maseExcluded > 0
      ? `MASE, RMSSE and MSIS leave out ${maseExcluded} forecasts of series in which no ` +
        'change from one season to the next was seen'
      : undefined,
    rulesLine(own),
  ];
  return lines.filter((line) => line !== undefined);
};
