import { QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';

import { outdated, queryClient } from './queries';

afterEach(() => {
  queryClient.clear();
});

it('reads again what was being read for the first time when it changed', async () => {
  let answerFirst: (value: string) => void = () => undefined;
  const read = vi
    .fn<() => Promise<string>>()
    .mockImplementationOnce(() => new Promise((resolve) => (answerFirst = resolve)))
    .mockResolvedValue('after the change');
  const observer = new QueryObserver(queryClient, { queryKey: ['/me/waiting-list'], queryFn: read });
  const stop = observer.subscribe(() => undefined);

  const again = outdated('/me/waiting-list');
  answerFirst('before the change');
  await again;

  expect(observer.getCurrentResult().data).toBe('after the change');
  expect(read).toHaveBeenCalledTimes(2);
  stop();
});
