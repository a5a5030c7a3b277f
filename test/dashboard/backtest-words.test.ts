import { describe, expect, it } from 'vitest';
import { pageModule } from './page-module.ts';

interface ResultWords {
  readonly standInWords: (own: {
    readonly model: string;
    readonly count: number;
    readonly ruleCount: number;
  }) => string;
}

const { standInWords } = await pageModule<ResultWords>('../backtest-page/result-words');

describe('the verdict of a backtest', () => {
  it('says what share of the forecasts is not the model’s', () => {
    expect(standInWords({ model: 'ridge', count: 200, ruleCount: 25 })).toContain(
      '12.5\u202f% of these forecasts are those of naive rules',
    );
    expect(standInWords({ model: 'ridge', count: 200, ruleCount: 0 })).toBe('');
  });

  it('says it once where no model spoke at all', () => {
    expect(standInWords({ model: 'naive-ladder', count: 200, ruleCount: 200 })).toBe('');
  });
});
