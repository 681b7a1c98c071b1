import { describe, expect, it } from 'vitest';

import { Problem } from '../../api/problem';
import type { SharedTicket } from '../../api/types';
import { openShare, type Shelf } from './shared-ticket';

function shelf(): Shelf & { text: string } {
  return {
    text: '',
    getItem() {
      return this.text || null;
    },
    setItem(_, value) {
      this.text = value;
    },
  };
}
const ticket = (seat: string) => ({ seat }) as SharedTicket;
const answering = (seat: string) => () => Promise.resolve(ticket(seat));
const failing = (status: number) => () => Promise.reject(new Problem(status, 'x'));

describe('a shared ticket', () => {
  it('is shown again without a network, to the link that opened it only', async () => {
    const kept = shelf();
    await openShare('one', kept, answering('A-1'));
    await openShare('two', kept, answering('A-2'));
    expect(await openShare('one', kept, failing(0))).toEqual(ticket('A-1'));
    expect(await openShare('two', kept, failing(0))).toEqual(ticket('A-2'));
    await expect(openShare('three', kept, failing(0))).rejects.toMatchObject({ status: 0 });
  });

  it('is not shown once its link was ended, nor without a network after that', async () => {
    const kept = shelf();
    await openShare('one', kept, answering('A-1'));
    await expect(openShare('one', kept, failing(404))).rejects.toMatchObject({ status: 404 });
    await expect(openShare('one', kept, failing(0))).rejects.toMatchObject({ status: 0 });
  });

  it('stays kept through an outage, and a broken store is no reason to fail', async () => {
    const kept = shelf();
    await openShare('one', kept, answering('A-1'));
    await expect(openShare('one', kept, failing(503))).rejects.toMatchObject({ status: 503 });
    expect(await openShare('one', kept, failing(0))).toEqual(ticket('A-1'));
    kept.text = '{not json';
    expect(await openShare('one', kept, answering('A-1'))).toEqual(ticket('A-1'));
  });
});
