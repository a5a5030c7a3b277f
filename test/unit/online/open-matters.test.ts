import { describe, expect, it } from 'vitest';
import { OpenMatters } from '../../../src/online/open-matters.ts';
import type { Alert } from '../../../src/schemas/alert.ts';
import type { DriftSignal, DriftState } from '../../../src/schemas/drift-signal.ts';

/** Of a signal, what it is told apart by is all that matters here. */
const signal = (scope: string, state: DriftState, episodeId = 'e'): DriftSignal =>
  ({ stream: 's', model: 'm', scope, episodeId, state }) as DriftSignal;
const alert = (id: string, state: Alert['state']): Alert =>
  ({ id, stream: 's', kind: 'drift', severity: 'warning', state }) as Alert;

describe('open matters', () => {
  it('are confirmed episodes until they are cleared, and alerts until they are resolved', () => {
    const open = new OpenMatters();
    for (const scope of ['series:a', 'series:b']) {
      open.drifted(signal(scope, 'suspected'));
      open.drifted(signal(scope, 'confirmed'));
    }
    open.drifted(signal('series:c', 'suspected'));
    // To hear of it twice is to hear of it once.
    open.drifted(signal('series:a', 'confirmed'));
    for (const id of ['1', '2']) open.alerted(alert(id, 'firing'));
    expect(open.episodes).toEqual([{ stream: 's', model: 'm', count: 2 }]);
    const firing = { stream: 's', kind: 'drift', severity: 'warning' };
    expect(open.alerts).toEqual([{ ...firing, count: 2 }]);
    open.drifted(signal('series:a', 'cleared'));
    open.alerted(alert('1', 'resolved'));
    const restored = new OpenMatters();
    restored.restore(open.saved);
    expect(restored.episodes).toEqual([{ stream: 's', model: 'm', count: 1 }]);
    expect(restored.alerts).toEqual([{ ...firing, count: 1 }]);
  });
});
