import { describe, expect, it } from 'vitest';

import { Attempts } from './attempts';
import { Keys } from './keys';
import { Problem } from '../problem';

describe('the key of an intent', () => {
  it('is the same after a lost answer, and another one for other values', () => {
    const keys = new Keys();
    const first = keys.of({ seats: ['A-1'] });
    for (const lost of [new Problem(0, 'unreachable'), new Problem(502, 'unreadable-answer'), new Problem(503, 'x')]) {
      keys.failed(lost);
      expect(keys.of({ seats: ['A-1'] })).toBe(first);
    }
    expect(keys.of({ seats: ['A-2'] })).not.toBe(first);
  });

  it('is the same after signing in again, and when the API wants a pause', () => {
    const keys = new Keys();
    const first = keys.of('pay');
    keys.failed(new Problem(401, 'unauthorized'));
    keys.failed(new Problem(429, 'too-many-requests'));
    expect(keys.of('pay')).toBe(first);
  });

  it('is another one once the intent was carried out, or refused: what was refused may be possible by now', () => {
    const keys = new Keys();
    const first = keys.of('pay');
    keys.failed(new Problem(402, 'insufficient-funds'));
    const second = keys.of('pay');
    expect(second).not.toBe(first);
    keys.done();
    expect(keys.of('pay')).not.toBe(second);
  });
});

describe('a call with the key of its intent', () => {
  it('keeps the key while its answer is lost, and no longer', async () => {
    const keys = new Keys();
    const sent: string[] = [];
    const call = (outcome: Problem | null) =>
      keys.run({ starts_at: '2026-12-01T18:30:00+05:30' }, (key) => {
        sent.push(key);
        return outcome ? Promise.reject(outcome) : Promise.resolve('done');
      });
    const lost = new Problem(0, 'unreachable');
    const refused = new Problem(409, 'no-open-till');
    await expect(call(lost)).rejects.toBe(lost);
    await expect(call(refused)).rejects.toBe(refused);
    await expect(call(null)).resolves.toBe('done');
    await expect(call(null)).resolves.toBe('done');
    expect(sent[1]).toBe(sent[0]);
    // The refusal is not repeated from the API's memory, and a success is not taken for another one.
    expect(new Set(sent).size).toBe(3);
  });
});

describe('what can be done only once', () => {
  const lost = new Problem(0, 'unreachable');
  const used = new Problem(422, 'invalid');
  const fails = (problem: Problem) => () => Promise.reject(problem);

  it('is refused when nothing was lost', async () => {
    await expect(new Attempts().make(fails(used), () => true)).rejects.toBe(used);
  });

  it('was done by the attempt whose answer was lost', async () => {
    const attempts = new Attempts();
    await expect(attempts.make(fails(lost), () => true)).rejects.toBe(lost);
    await expect(attempts.make(fails(used), () => true)).resolves.toBeUndefined();
    // Only once: after that, nothing is unsure any more.
    await expect(attempts.make(fails(used), () => true)).rejects.toBe(used);
  });

  it('is refused all the same if the refusal has another reason', async () => {
    const attempts = new Attempts();
    await expect(attempts.make(fails(lost), () => true)).rejects.toBe(lost);
    await expect(attempts.make(fails(used), () => Promise.resolve(false))).rejects.toBe(used);
    await expect(attempts.make(fails(used), () => true)).resolves.toBeUndefined();
  });
});
