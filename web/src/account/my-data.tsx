import { useMutation } from '@tanstack/react-query';

import { getFile } from '../api/client';
import { download } from '../booking/download';
import { Button } from '../design/button';
import { Refused } from '../design/notices';

/** A copy of everything that is kept about the reader. */
export function MyData() {
  const copy = useMutation({
    mutationFn: () => getFile('/me/export', 'application/json'),
    onSuccess: (file) => {
      download(file, 'my-data.json');
    },
  });
  return (
    <div className="grid gap-4">
      <h2 className="text-2xl">Your data</h2>
      <p className="text-soft">Download everything that we keep about you: account, bookings, payments and mails.</p>
      <Refused error={copy.error} />
      <div>
        <Button
          busy={copy.isPending}
          onClick={() => {
            copy.mutate();
          }}
        >
          Download my data
        </Button>
      </div>
    </div>
  );
}
