import { beforeAll, describe, expect, it } from 'vitest';

import type { Admission, Door, DoorTicket } from '../api/types';
import { Problem } from '../api/problem';
import { decodeBase32, looksLikeCode, readCode } from './code';
import { admit, countsOf, found, partiesOf, type Pending } from './guests';
import { report } from './report';
import { memoryStore } from './store';

const SCREENING = '01890000-0000-7000-8000-000000000001';
const ASHA = '01890000-0000-7000-8000-00000000000a';
const OMAR = '01890000-0000-7000-8000-00000000000b';
const START = Date.parse('2026-12-01T18:00:00Z');

function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(parseInt(five.padEnd(5, '0'), 2)))
    .join('');
}

const bytesOf = (uuid: string) => (uuid.replaceAll('-', '').match(/../g) ?? []).map((pair) => parseInt(pair, 16));

let keys: CryptoKeyPair;
let codes: Door['codes'];
beforeAll(async () => {
  keys = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const { x = '' } = await crypto.subtle.exportKey('jwk', keys.publicKey);
  codes = { version: 'TS1', keys: [{ key_id: 'JBSWY3DP', public_key: x }] };
});

async function codeOf(booking: string, seat: string, screening = SCREENING): Promise<string> {
  const payload = new Uint8Array([...bytesOf(screening), ...bytesOf(booking), ...new TextEncoder().encode(seat)]);
  const signed = `TS1.JBSWY3DP.${base32(payload)}`;
  const signature = await crypto.subtle.sign('Ed25519', keys.privateKey, new TextEncoder().encode(signed));
  return `${signed}.${base32(new Uint8Array(signature))}`;
}

function ticket(booking_id: string, seat: string, name: string, more: Partial<DoorTicket> = {}): DoorTicket {
  const reference = booking_id === ASHA ? 'K7QM-3XRP' : 'ABCD-2345';
  return { booking_id, reference, name, seat, ticket_type: 'standard', conflicts: [], ...more };
}

function doorOf(tickets: DoorTicket[], more: Partial<Door> = {}): Door {
  return {
    screening: { screening_id: SCREENING, timezone: 'Asia/Kolkata' } as Door['screening'],
    server_time: '2026-12-01T17:30:00Z',
    doors_open_at: '2026-12-01T17:00:00Z',
    undo_until: '2026-12-01T20:00:00Z',
    clock_skew_seconds: 300,
    batch_max: 2,
    codes,
    tickets,
    void: [],
    ...more,
  };
}

const pendingOf = (booking_id: string, seat: string, at = '2026-12-01T17:40:00Z'): Pending => ({
  id: `id of ${seat}`,
  screening_id: SCREENING,
  booking_id,
  seat,
  at,
  sent: false,
});

describe('a ticket code', () => {
  it('is read and verified on the device, however it was typed', async () => {
    const code = await codeOf(ASHA, 'C-7');
    const facts = { screening: SCREENING, booking: ASHA, seat: 'C-7' };
    expect(await readCode(code, codes)).toEqual({ state: 'verified', facts });
    expect(await readCode(` ${code.toLowerCase().replace(/(.{40})/g, '$1\n')}.`, codes)).toEqual({
      state: 'verified',
      facts,
    });
    expect(looksLikeCode(code.toLowerCase())).toBe(true);
  });

  it('is refused if a letter of it was changed', async () => {
    const [version, key, , signature] = (await codeOf(ASHA, 'C-7')).split('.');
    const other = (await codeOf(ASHA, 'C-8')).split('.')[2];
    expect(await readCode([version, key, other, signature].join('.'), codes)).toEqual({ state: 'forged' });
  });

  it('of a key that the device does not know is left to the list', async () => {
    const code = await codeOf(ASHA, 'C-7');
    expect((await readCode(code, { ...codes, keys: [] })).state).toBe('unverified');
  });

  it('is not any other text', async () => {
    for (const text of ['', 'K7QM-3XRP', 'TS1', 'TS1.A.B.C', 'TS2.JBSWY3DP.AAAA.AAAA', 'https://example.com']) {
      expect((await readCode(text, codes)).state, text).toBe('no-code');
      expect(looksLikeCode('https://example.com')).toBe(false);
    }
  });

  it('has one encoding only', () => {
    expect(decodeBase32('MY')).toEqual(new Uint8Array([0x66]));
    expect(decodeBase32('MZ'), 'bits that carry nothing are zero').toBeNull();
    expect(decodeBase32('MYA'), 'no letter is left over').toBeNull();
    expect(decodeBase32('my')).toBeNull();
  });
});

describe('a door without a network', () => {
  const verified = (booking: string, seat: string, screening = SCREENING) =>
    ({ state: 'verified', facts: { screening, booking, seat } }) as const;

  it('admits a guest once, before and after the report', () => {
    const door = doorOf([ticket(ASHA, 'C-7', 'Asha'), ticket(ASHA, 'C-8', 'Asha')]);
    expect(admit(verified(ASHA, 'C-7'), door, [], START)).toMatchObject({ seat: 'C-7', party: { name: 'Asha' } });
    expect(admit(verified(ASHA, 'C-7'), door, [pendingOf(ASHA, 'C-7')], START)).toMatchObject({ why: 'already-used' });
    const later = doorOf([ticket(ASHA, 'C-7', 'Asha', { checked_in_at: '2026-12-01T17:41:00Z' })]);
    expect(admit(verified(ASHA, 'C-7'), later, [], START)).toMatchObject({ why: 'already-used' });
  });

  it('refuses tickets of other screenings, void ones, forged ones and other texts', () => {
    const gone = { booking_id: OMAR, reference: 'ABCD-2345', seat: 'A-1', conflicts: [] };
    const door = doorOf([ticket(ASHA, 'C-7', 'Asha')], { void: [gone] });
    expect(admit(verified(ASHA, 'C-7', OMAR), door, [], START)).toEqual({ why: 'other-screening' });
    expect(admit(verified(OMAR, 'A-1'), door, [], START)).toEqual({ why: 'void', seat: 'A-1' });
    expect(admit({ state: 'forged' }, door, [], START)).toEqual({ why: 'forged' });
    expect(admit({ state: 'no-code' }, door, [], START)).toEqual({ why: 'not-a-ticket' });
  });

  it('admits a ticket that was bought after the list was fetched, if its signature vouches for it', () => {
    const door = doorOf([]);
    expect(admit(verified(OMAR, 'A-1'), door, [], START)).toMatchObject({ seat: 'A-1' });
    expect(admit({ ...verified(OMAR, 'A-1'), state: 'unverified' }, door, [], START)).toEqual({ why: 'not-listed' });
  });

  it('keeps the hours of the door', () => {
    const door = doorOf([ticket(ASHA, 'C-7', 'Asha')]);
    expect(admit(verified(ASHA, 'C-7'), door, [], Date.parse('2026-12-01T16:59:59Z'))).toEqual({ why: 'too-early' });
    expect(admit(verified(ASHA, 'C-7'), door, [], Date.parse('2026-12-01T20:00:01Z'))).toEqual({ why: 'too-late' });
  });
});

describe('the list of guests', () => {
  const door = doorOf([
    ticket(OMAR, 'A-1', 'Ömar Khan'),
    ticket(ASHA, 'C-7', 'Asha Rao'),
    ticket(ASHA, 'C-8', 'Asha Rao', { checked_in_at: '2026-12-01T17:41:00Z' }),
  ]);

  it('has one party per booking, by name, and counts who is in', () => {
    const parties = partiesOf(door, [pendingOf(OMAR, 'A-1')]);
    expect(parties.map(({ name, guests }) => [name, guests.length])).toEqual([
      ['Asha Rao', 2],
      ['Ömar Khan', 1],
    ]);
    expect(countsOf(parties)).toEqual({ inside: 2, all: 3 });
    expect(parties[1]?.guests[0]?.pending).toBe(true);
  });

  it('has the order of its reader, with numbers by their value', () => {
    const names = ['Guest 10', 'guest 9', 'Élodie'];
    const tickets = door.tickets.map((ticket, index) => ({
      ...ticket,
      booking_id: String(index),
      name: names[index] ?? null,
    }));
    expect(partiesOf({ ...door, tickets }, []).map(({ name }) => name)).toEqual(['Élodie', 'guest 9', 'Guest 10']);
  });

  it('is searched by number, name and seat as people type them', () => {
    const parties = partiesOf(door, []);
    const names = (text: string) => found(parties, text).map(({ name }) => name);
    expect(names('k7qm 3xrp')).toEqual(['Asha Rao']);
    expect(names('omar')).toEqual(['Ömar Khan']);
    expect(names('a1')).toEqual(['Ömar Khan']);
    expect(names('c-8')).toEqual(['Asha Rao']);
    expect(names('nobody')).toEqual([]);
    expect(names('')).toHaveLength(2);
  });
});

describe('the report of check-ins', () => {
  const done = (pending: Pending, more: Partial<Admission> = {}): Admission => ({
    id: pending.id,
    booking_id: pending.booking_id,
    seat: pending.seat,
    checked_in_at: pending.at,
    outcome: 'done',
    ...more,
  });

  it('is sent in the order of the door, in batches', async () => {
    const store = memoryStore();
    await store.add(pendingOf(ASHA, 'C-8', '2026-12-01T17:42:00Z'));
    await store.add(pendingOf(ASHA, 'C-7', '2026-12-01T17:40:00Z'));
    await store.add(pendingOf(OMAR, 'A-1', '2026-12-01T17:41:00Z'));
    const sent: string[][] = [];
    const reported = await report(store, SCREENING, 2, (batch) => {
      sent.push(batch.map(({ seat }) => seat));
      return Promise.resolve(batch.map((one) => done(one)));
    });
    expect(sent).toEqual([['C-7', 'A-1'], ['C-8']]);
    expect(reported).toBe(3);
    expect(await store.pending(SCREENING)).toEqual([]);
  });

  it('keeps what was not answered', async () => {
    const store = memoryStore();
    await store.add(pendingOf(ASHA, 'C-7'));
    const lost = () => Promise.reject(new Problem(0, 'offline'));
    await expect(report(store, SCREENING, 2, lost)).rejects.toThrow();
    expect(await store.pending(SCREENING)).toHaveLength(1);
    await report(store, SCREENING, 2, () => Promise.resolve([]));
    expect(await store.pending(SCREENING), 'an answer without it settles nothing').toHaveLength(1);
  });

  it('keeps conflicts until the staff has seen them', async () => {
    const store = memoryStore();
    await store.add(pendingOf(ASHA, 'C-7'));
    const used = { at: '2026-12-01T17:39:00Z', by: OMAR, device: 'Door 2' };
    await report(store, SCREENING, 2, (batch) =>
      Promise.resolve(batch.map((one) => done(one, { outcome: 'already-used', used }))),
    );
    expect(await store.pending(SCREENING)).toEqual([]);
    const [conflict] = await store.conflicts(SCREENING);
    expect(conflict).toMatchObject({ seat: 'C-7', outcome: 'already-used', used });
    if (conflict) await store.forget(conflict);
    expect(await store.conflicts(SCREENING)).toEqual([]);
  });

  it('distinguishes the seats of a party that came in under one id', async () => {
    const store = memoryStore();
    for (const seat of ['C-7', 'C-8']) await store.add({ ...pendingOf(ASHA, seat), id: 'one' });
    await report(store, SCREENING, 2, (batch) =>
      Promise.resolve(batch.map((one) => done(one, one.seat === 'C-8' ? { outcome: 'void' } : {}))),
    );
    expect((await store.conflicts(SCREENING)).map(({ seat }) => seat)).toEqual(['C-8']);
  });
});
