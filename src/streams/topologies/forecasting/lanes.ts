import type { IntervalShape } from '../../../models/interval-shape.ts';
import { intervalSlots } from '../../../models/calibration-buckets.ts';
import type { TaskState } from '../../../state/task-state.ts';
import { RoleLane, laneStores, type LaneStores } from './lane.ts';
import type { ForecastingShape } from './options.ts';

export const intervalShapeOf = ({
  features,
  levels,
  forecast,
}: ForecastingShape): IntervalShape => ({
  season: features.seasons[0] ?? 1,
  horizon: features.horizon,
  levels,
  slots: intervalSlots(features.seasons),
  rule: forecast.intervals,
});

/** The champion, and a challenger in its shadow. */
export const laneStoresOf = (shape: ForecastingShape): readonly LaneStores[] => {
  const { scoredSteps } = shape.forecast;
  const intervals = intervalShapeOf(shape);
  return [
    laneStores('champion', intervals, scoredSteps),
    laneStores('shadow', intervals, scoredSteps),
  ];
};

export const lanesOf = (
  shape: ForecastingShape,
  from: { readonly state: TaskState; readonly rows: number },
): readonly RoleLane[] => {
  const intervals = intervalShapeOf(shape);
  return laneStoresOf(shape).map((stores) => new RoleLane(stores, intervals, from));
};
