import { useMutation } from '@tanstack/react-query';

import { getFile } from '../api/client';
import { download } from '../booking/tickets/download';
import { Button } from '../design/button';
import { Refused } from '../design/notices';
import { t } from '../i18n/texts';

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
      <h2 className="text-2xl">{t.profile.yourData}</h2>
      <p className="text-soft">{t.profile.download}</p>
      <Refused error={copy.error} />
      <div>
        <Button
          busy={copy.isPending}
          onClick={() => {
            copy.mutate();
          }}
        >
          {t.profile.downloadData}
        </Button>
      </div>
    </div>
  );
}
