import { TidecastError } from '../../../core/errors.ts';
import { timeZone } from '../../../core/time-zone.ts';
import { jsonStore } from '../../../state/json-store.ts';
import type { Keyed } from '../../../state/keyed.ts';
import type { TaskState } from '../../../state/task-state.ts';
import type { ForecastingShape } from './options.ts';
import type { SeriesFunctions } from './series-functions.ts';
import type { Series } from './series-table.ts';

/** The zone of each series that named one other than the stream's. */
export const zonesStore = jsonStore<string>({
  name: 'series-zones',
  version: 1,
  initial: () => 'UTC',
});

/** The local clock of each series: its own where an attribute names one, else the stream's. */
export class Zones {
  private readonly shape: ForecastingShape;
  private readonly zones: Keyed<string>;

  constructor(shape: ForecastingShape, state: TaskState) {
    this.shape = shape;
    this.zones = state.keyed(zonesStore);
  }

  functionsOf({ id }: Series): SeriesFunctions {
    const { functions, features, timeZoneAttribute } = this.shape;
    const own = timeZoneAttribute === undefined ? undefined : this.zones.find(id);
    return functions(own ?? features.timeZone);
  }

  /** Learns the zone of a series from an event; the first one that is named stays. */
  learn({ id }: Series, attributes: Readonly<Record<string, string>>): void {
    const { timeZoneAttribute } = this.shape;
    if (timeZoneAttribute === undefined || this.zones.find(id) !== undefined) return;
    const zone = attributes[timeZoneAttribute];
    if (zone !== undefined && isZone(zone)) this.zones.put(id, zone);
  }
}

/** An event with a zone that nobody knows still counts; its series stays on the stream's clock. */
const isZone = (name: string): boolean => {
  try {
    timeZone(name);
    return true;
  } catch (error) {
    if (error instanceof TidecastError) return false;
    throw error;
  }
};
