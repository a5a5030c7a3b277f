import { expect, it } from 'vitest';
import { modelNotices } from '../../../src/cli/run/model-notices.ts';
import { ModelError } from '../../../src/models/errors.ts';
import { notedLogger } from '../../support/noted-logger.ts';

it('a model that does not fit is told of once in each role, however often it is met', () => {
  const logger = notedLogger();
  const { onMisfit } = modelNotices(logger, 's');
  const error = new ModelError('MODEL_SCHEMA_MISMATCH', 'it was trained on other features');
  for (const sha256 of ['a', 'a', 'b', 'a']) {
    onMisfit({ name: 'm', version: sha256, sha256, role: 'champion' }, error);
  }
  for (let chunk = 0; chunk < 3; chunk += 1) {
    onMisfit({ name: 'm', version: 'a', sha256: 'a', role: 'shadow' }, error);
  }
  expect(logger.lines.map(({ level, fields }) => [level, fields])).toEqual(
    [
      ['a', 'champion'],
      ['b', 'champion'],
      ['a', 'shadow'],
    ].map(([version, role]) => [
      'error',
      { action: 'model-misfit', error, labels: { stream: 's', model: 'm', version, role } },
    ]),
  );
  expect(logger.lines[0]?.message).toContain('`tidecast train`');
});
