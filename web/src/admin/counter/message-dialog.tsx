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
      say('The message is on its way to everybody who booked.', 'good');
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <Dialog title="Write to everybody who booked" onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <TextField
          label="Subject"
          required
          maxLength={100}
          value={subject}
          onChange={({ target }) => {
            setSubject(target.value);
          }}
        />
        <TextArea
          label="Message"
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
          Send
        </Button>
      </form>
    </Dialog>
  );
}
