import type { StreamConfig } from '../../config/stream-config.ts';
import { DAY_MS } from '../../core/duration.ts';
import { finding, type Check, type Finding } from './check.ts';

/** From one Easter to the next at most: in twice as many days each holiday comes twice. */
const HOLIDAY_GAP_DAYS = 385;

/** Only the average, of days and less, knows what a holiday brought in the years before. */
const learnsHolidays = ({ holidays, model, periodMs }: StreamConfig): boolean =>
  holidays !== undefined && model.trainer === 'auto' && periodMs <= DAY_MS;

const holidaysFinding = (stream: StreamConfig): readonly Finding[] => {
  const { name, forecast, periodMs, retraining } = stream;
  const { trainingWindowDays, judgeDays } = retraining;
  // What is judged is not learnt from, nor is the horizon before it.
  const unlearnt = judgeDays + Math.ceil((forecast.horizon * periodMs) / DAY_MS);
  const needed = 2 * HOLIDAY_GAP_DAYS + unlearnt;
  const said = `models learn from ${trainingWindowDays - unlearnt} days`;
  return trainingWindowDays >= needed
    ? finding(`holidays of ${name}`, 'pass', `${said}, in which each comes twice`)
    : finding(
        `holidays of ${name}`,
        'warn',
        `${said}: what a holiday brings is learnt where it came twice; set ` +
          `streams.${name}.retraining.trainingWindowDays to ${needed} where there is the history`,
      );
};

/** Whether what streams are told of holidays can be learnt. */
export const checkHolidays: Check = ({ config }) =>
  Promise.resolve(config.streams.filter(learnsHolidays).flatMap(holidaysFinding));
