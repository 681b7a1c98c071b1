/**
 * What a door keeps on the device: the lists of guests, and the check-ins that the API does not know yet. They survive a
 * reload, an empty battery and the end of a session.
 */

import type { Admission, Door } from '../api/types';
import { placeOf, type Pending } from './guests';

const DATABASE = 'ticketshow.door';
const LISTS = 'lists';
const QUEUE = 'queue';
const CONFLICTS = 'conflicts';
/** A ticket is admitted once: what names it is the key. */
const PLACE = ['booking_id', 'seat'];

/** A list and when it was fetched, in milliseconds of this device's clock. */
export interface KeptList {
  door: Door;
  fetched: number;
}

/** A check-in that turned out wrong when it was reported. */
export interface Conflict extends Pending {
  outcome: Exclude<Admission['outcome'], 'done'>;
  used?: Admission['used'];
}

export interface DoorStore {
  list(screening: string): Promise<KeptList | null>;
  keepList(list: KeptList): Promise<void>;
  pending(screening: string): Promise<Pending[]>;
  conflicts(screening: string): Promise<Conflict[]>;
  add(pending: Pending): Promise<void>;
  /** Takes a check-in out of the queue. */
  settle(pending: Pending): Promise<void>;
  /** Takes a check-in out of the queue, and keeps it for the staff to read. */
  dispute(conflict: Conflict): Promise<void>;
  forget(conflict: Conflict): Promise<void>;
}

/** A store without a database, for browsers that have none, and for tests. It lasts as long as the page. */
export function memoryStore(): DoorStore {
  const lists = new Map<string, KeptList>();
  const queue = new Map<string, Pending>();
  const conflicts = new Map<string, Conflict>();
  const of = <T extends Pending>(map: Map<string, T>, screening: string) =>
    Promise.resolve([...map.values()].filter((one) => one.screening_id === screening));
  return {
    list: (screening) => Promise.resolve(lists.get(screening) ?? null),
    keepList: (list) => Promise.resolve(void lists.set(list.door.screening.screening_id, list)),
    pending: (screening) => of(queue, screening),
    conflicts: (screening) => of(conflicts, screening),
    add: (pending) => Promise.resolve(void queue.set(placeOf(pending), pending)),
    settle: (pending) => Promise.resolve(void queue.delete(placeOf(pending))),
    dispute: (conflict) => {
      conflicts.set(placeOf(conflict), conflict);
      return Promise.resolve(void queue.delete(placeOf(conflict)));
    },
    forget: (conflict) => Promise.resolve(void conflicts.delete(placeOf(conflict))),
  };
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.onsuccess = () => {
      done(request.result);
    };
    request.onerror = () => {
      failed(request.error ?? new Error('the database of the device failed'));
    };
  });
}

/** Carries out writes in one transaction: all of them, or none. */
function written(database: IDBDatabase, stores: string[], write: (at: IDBTransaction) => void): Promise<void> {
  return new Promise((done, failed) => {
    const transaction = database.transaction(stores, 'readwrite', { durability: 'strict' });
    transaction.oncomplete = () => {
      done();
    };
    transaction.onabort = () => {
      failed(transaction.error ?? new Error('the database of the device is full'));
    };
    write(transaction);
  });
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(LISTS);
    for (const name of [QUEUE, CONFLICTS])
      request.result.createObjectStore(name, { keyPath: PLACE }).createIndex('screening', 'screening_id');
  };
  return answer(request);
}

/** Opens the store of this device. */
export async function openStore(): Promise<DoorStore> {
  let database: IDBDatabase;
  try {
    database = await openDatabase();
  } catch {
    return memoryStore();
  }
  const of = async <T>(name: string, screening: string): Promise<T[]> =>
    (await answer(database.transaction(name).objectStore(name).index('screening').getAll(screening))) as T[];
  return {
    list: async (screening) =>
      ((await answer(database.transaction(LISTS).objectStore(LISTS).get(screening))) as KeptList | undefined) ?? null,
    keepList: (list) =>
      written(database, [LISTS], (at) => at.objectStore(LISTS).put(list, list.door.screening.screening_id)),
    pending: (screening) => of(QUEUE, screening),
    conflicts: (screening) => of(CONFLICTS, screening),
    add: (pending) => written(database, [QUEUE], (at) => at.objectStore(QUEUE).put(pending)),
    settle: ({ booking_id, seat }) =>
      written(database, [QUEUE], (at) => at.objectStore(QUEUE).delete([booking_id, seat])),
    dispute: (conflict) =>
      written(database, [QUEUE, CONFLICTS], (at) => {
        at.objectStore(CONFLICTS).put(conflict);
        at.objectStore(QUEUE).delete([conflict.booking_id, conflict.seat]);
      }),
    forget: ({ booking_id, seat }) =>
      written(database, [CONFLICTS], (at) => at.objectStore(CONFLICTS).delete([booking_id, seat])),
  };
}
