import { zoneGiven, type NamedZone } from '../../../features/named-zone.ts';
import type { Observation } from '../../../schemas/observation.ts';
import { jsonStore } from '../../../state/json-store.ts';
import type { Keyed } from '../../../state/keyed.ts';
import type { TaskState } from '../../../state/task-state.ts';
import type { ForecastingShape } from './options.ts';
import type { SeriesFunctions } from './series-functions.ts';
import type { Series } from './series-table.ts';

/** The zone of each series that named one. */
export const zonesStore = jsonStore<NamedZone>({
  name: 'series-zones',
  version: 1,
  initial: () => ({ zone: 'UTC', eventTimeMs: 0 }),
});

/**
 * The local clock of each series: its own where an attribute names one, from the period of that
 * event on, else the stream's.
 */
export class Zones {
  private readonly shape: ForecastingShape;
  private readonly zones: Keyed<NamedZone>;

  constructor(shape: ForecastingShape, state: TaskState) {
    this.shape = shape;
    this.zones = state.keyed(zonesStore);
  }

  functionsOf({ id }: Series, period: number): SeriesFunctions {
    const { functions, features, timeZoneAttribute, periods } = this.shape;
    const own = timeZoneAttribute === undefined ? undefined : this.zones.find(id);
    const isOwn = own !== undefined && periods.periodOf(own.eventTimeMs) <= period;
    return functions(isOwn ? own.zone : features.timeZone);
  }

  learn({ id }: Series, observation: Observation): void {
    const { timeZoneAttribute } = this.shape;
    if (timeZoneAttribute === undefined) return;
    const given = zoneGiven(observation, timeZoneAttribute, this.zones.find(id));
    if (given !== undefined) this.zones.put(id, given);
  }
}
