import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import type { BookingNote } from '../../api/types';
import { outdated } from '../../api/queries';
import { useKey } from '../../api/keys/use-key';
import { Button } from '../../design/button';
import { TextArea } from '../../design/field';
import { when } from '../../design/format';
import { Refused } from '../../design/notices';
import { w } from '../../i18n/work/texts';
import { Card } from '../parts';

interface Props {
  booking: string;
  notes: readonly BookingNote[];
  /** The buyer was erased: nothing more is written about them. */
  closed: boolean;
}

/** Notes of the staff about a booking, newest first. Customers never see them. */
export function Notes({ booking, notes, closed }: Props) {
  if (!closed) return <OpenNotes booking={booking} notes={notes} />;
  return (
    <Card title={w.desk.notes}>
      <p className="text-soft">{w.desk.notesClosed}</p>
    </Card>
  );
}

function OpenNotes({ booking, notes }: Omit<Props, 'closed'>) {
  const [text, setText] = useState('');
  const key = useKey();
  const add = useMutation({
    mutationFn: () => {
      const body = { text: text.trim() };
      return key.run(body, (text) => command('POST', `/bookings/${booking}/notes`, { body, key: text }));
    },
    onSuccess: () => {
      setText('');
      return outdated(`/bookings/${booking}`, '/admin/accounts', '/admin/bookings');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Card title={w.desk.notes}>
      <form className="grid gap-3" onSubmit={submit}>
        <TextArea
          label={w.desk.newNote}
          hint={w.desk.noteHint}
          className="!min-h-20"
          maxLength={2_000}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
          }}
        />
        <Refused error={add.error} />
        <Button
          type="submit"
          className="justify-self-start"
          busy={add.isPending}
          disabled={!text.trim() || add.isPending}
        >
          {w.desk.addNote}
        </Button>
      </form>
      <NoteList notes={notes} />
    </Card>
  );
}

export function NoteList({ notes }: { notes: readonly BookingNote[] }) {
  if (notes.length === 0) return null;
  return (
    <ul aria-label={w.desk.notes} className="mt-5 grid gap-4">
      {notes.map((note, index) => (
        <li key={note.note_id ?? index} className="border-l-4 border-line pl-4">
          <p className="whitespace-pre-wrap wrap-anywhere">{note.text}</p>
          <p className="text-sm text-soft">
            {note.by_name && `${note.by_name}, `}
            {when(note.created_at, 'full')}
          </p>
        </li>
      ))}
    </ul>
  );
}
