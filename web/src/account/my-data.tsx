import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';

import { command, getFile } from '../api/client';
import { Problem } from '../api/problem';
import { dismiss } from '../api/session';
import type { Me } from '../api/types';
import { download } from '../booking/download';
import { Button } from '../design/button';
import { Dialog } from '../design/dialog';
import { PasswordField } from '../design/field';
import { Note, Refused } from '../design/notices';
import { say } from '../design/toast';
import { CodeField, digitsOf } from './email-field';

/** Copy and deletion of everything that is kept about the reader. */
export function MyData({ me }: { me: Me }) {
  const [deleting, setDeleting] = useState(false);
  const copy = useMutation({
    mutationFn: () => getFile('/me/export', 'application/json'),
    onSuccess: (file) => {
      download(file, 'my-data.json');
    },
  });
  const absent = copy.error instanceof Problem && [404, 405, 501].includes(copy.error.status);
  return (
    <div className="grid gap-4">
      <h2 className="text-2xl">Your data</h2>
      <p className="text-soft">
        Download everything that we keep about you, or delete your account with it. What the law makes us keep, such as
        amounts paid, stays without your name.
      </p>
      {absent ? <Note tone="warn">The download is not available here yet.</Note> : <Refused error={copy.error} />}
      <div className="flex flex-wrap gap-3">
        <Button
          busy={copy.isPending}
          onClick={() => {
            copy.mutate();
          }}
        >
          Download my data
        </Button>
        <Button
          look="danger"
          onClick={() => {
            setDeleting(true);
          }}
        >
          Delete my account
        </Button>
      </div>
      {deleting && (
        <Deletion
          email={me.email}
          onClose={() => {
            setDeleting(false);
          }}
        />
      )}
    </div>
  );
}

function Deletion({ email, onClose }: { email: string; onClose: () => void }) {
  const navigate = useNavigate();
  const [byCode, setByCode] = useState(false);
  const [text, setText] = useState('');
  const send = useMutation({
    mutationFn: () => command('POST', '/auth/code', { body: { email } }),
    onSuccess: () => {
      setText('');
      setByCode(true);
    },
  });
  const remove = useMutation({
    mutationFn: () => command('DELETE', '/me', { body: byCode ? { code: digitsOf(text) } : { password: text } }),
    onSuccess: () => {
      dismiss(false);
      say('Your account is deleted.');
      void navigate('/');
    },
  });
  const booked = remove.error instanceof Problem && remove.error.slug === 'open-bookings';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate();
  };
  return (
    <Dialog title="Delete your account?" onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <p>
          Your name, your address and your past bookings are erased, and money in your wallet is lost. This cannot be
          undone.
        </p>
        {byCode ? (
          <CodeField hint={`We have sent six digits to ${email}.`} code={text} onCode={setText} />
        ) : (
          <PasswordField
            label="Password"
            autoComplete="current-password"
            required
            value={text}
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
        )}
        {!byCode && (
          <button
            type="button"
            className="link justify-self-start text-sm"
            onClick={() => {
              send.mutate();
            }}
          >
            Send me a code instead
          </button>
        )}
        <Refused error={remove.error ?? send.error} />
        {booked && (
          <Link to="/bookings" className="link justify-self-start">
            My tickets
          </Link>
        )}
        <div className="grid gap-3 xs:grid-cols-2">
          <Button data-first onClick={onClose}>
            Keep my account
          </Button>
          <Button look="danger" type="submit" busy={remove.isPending}>
            Delete it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
