import { describe, expect, it } from 'vitest';
import { alterBody } from '../../../../src/log/kafka/alter-configs.ts';

describe('a request to alter settings', () => {
  it('names each topic with what is set of it, and nothing else', () => {
    const entries = [{ name: 'retention.ms', value: '-1' }];
    const body = alterBody(new Map([['t', entries]])).buffer;
    expect(body.toString('hex')).toBe(
      [
        '00000001', // one resource
        ...['02', '000174'], // a topic, t
        '00000001', // one setting
        `000c${Buffer.from('retention.ms').toString('hex')}`,
        '00', // is set
        '00022d31', // to -1
        '00', // in earnest
      ].join(''),
    );
  });
});
