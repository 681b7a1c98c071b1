import { describe, expect, it } from 'vitest';

import { forgetKept, keep, kept, type Storage } from './kept';

/** Cache storage in memory. */
function memory(): Storage & { names: () => string[] } {
  const all = new Map<string, Map<string, Response>>();
  return {
    names: () => [...all.keys()],
    open: (name) => {
      const held = all.get(name) ?? new Map<string, Response>();
      all.set(name, held);
      return Promise.resolve({
        put: (url: string, response: Response) => Promise.resolve(void held.set(url, response)),
        match: (url: string) => Promise.resolve(held.get(url)?.clone()),
      } as unknown as Cache);
    },
    delete: (name) => Promise.resolve(all.delete(name)),
  };
}

const LIST = '/api/v1/bookings?limit=50';
const booking = (booking_id: string) => ({ booking_id, tickets: [{ seat: 'A-1', code: 'TS1.x' }] });

describe('tickets without a network', () => {
  it('are those that were read last', async () => {
    const where = memory();
    await keep(LIST, Response.json({ items: [booking('one')] }), where);
    expect(await (await kept(LIST, where))?.json()).toEqual({ items: [booking('one')] });
  });

  it('are there even if only their list was opened', async () => {
    const where = memory();
    await keep(LIST, Response.json({ items: [booking('one'), booking('two')] }), where);
    expect(await (await kept('/api/v1/bookings/two', where))?.json()).toEqual(booking('two'));
    expect(await kept('/api/v1/bookings/three', where)).toBeNull();
  });

  it('are all that is kept', async () => {
    const where = memory();
    for (const path of ['/me', '/wallet', '/bookings/one/history', '/admin/bookings', '/shows'])
      await keep(`/api/v1${path}`, Response.json({}), where);
    expect(where.names()).toEqual([]);
  });

  it('are gone when the account signs out', async () => {
    const where = memory();
    await keep(LIST, Response.json({ items: [] }), where);
    forgetKept(where);
    expect(where.names()).toEqual([]);
  });

  it('are not offered by browsers without a store', async () => {
    await keep(LIST, Response.json({}), null);
    expect(await kept(LIST, null)).toBeNull();
  });
});
