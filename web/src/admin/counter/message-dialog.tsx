import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import type { Screening } from '../../api/types';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextArea, TextField } from '../../design/field';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';

/** Writes to everybody who has paid seats of a screening. */
export function MessageDialog({ screening, onClose }: { screening: Screening; onClose: () => void }) {
  const [subject, setSubject] = useState('');
  const [text, setText] = useState('');
  const key = useKey();
  const send = useMutation({
    mutationFn: () => {
      const body = { subject: subject.trim(), text: text.trim() };
      return key.run(body, (text) =>
        command('POST', `/screenings/${screening.screening_id}/messages`, { body, key: text }),
      );
    },
    onSuccess: () => {
      say(w.message.sent, 'good');
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <Dialog title={w.message.title} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <TextField
          label={w.message.subject}
          required
          maxLength={100}
          value={subject}
          onChange={({ target }) => {
            setSubject(target.value);
          }}
        />
        <TextArea
          label={w.message.text}
          required
          maxLength={2_000}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
          }}
        />
        <Refused error={send.error} />
        <Button
          type="submit"
          look="gold"
          busy={send.isPending}
          disabled={!subject.trim() || !text.trim() || send.isPending}
        >
          {w.message.send}
        </Button>
      </form>
    </Dialog>
  );
}
