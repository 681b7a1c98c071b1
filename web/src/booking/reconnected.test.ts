import { expect, it, vi } from 'vitest';

import { Problem } from '../api/problem';
import { dropUnreached } from './reconnected';

it('drops the messages of calls that did not reach the API, and no others', () => {
  const call = (error: unknown) => ({ error, reset: vi.fn() });
  const offline = call(new Problem(0, 'offline'));
  const declined = call(new Problem(402, 'payment-declined'));
  const fine = call(null);
  dropUnreached([offline, declined, fine]);
  expect([offline, declined, fine].map(({ reset }) => reset.mock.calls.length)).toEqual([1, 0, 0]);
});
