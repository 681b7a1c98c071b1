import { TextField } from '../design/field';
import { t } from '../i18n/texts';

/** What the forms of one account share: the e-mail stays when the reader changes from one to another. */
export interface FormProps {
  email: string;
  onEmail: (email: string) => void;
  onDone: (() => void) | undefined;
}

export function EmailField({
  email,
  onEmail,
  error,
}: Pick<FormProps, 'email' | 'onEmail'> & { error?: string | undefined }) {
  return (
    <TextField
      label={t.account.email}
      type="email"
      autoComplete="username"
      inputMode="email"
      required
      autoFocus
      value={email}
      error={error}
      onChange={(event) => {
        onEmail(event.target.value);
      }}
    />
  );
}

/** Field for the digits of a mail or of an authenticator app. */
export function CodeField({
  label = t.account.mailCode,
  hint,
  code,
  onCode,
  error,
}: {
  label?: string;
  hint?: string;
  code: string;
  onCode: (code: string) => void;
  error?: string | undefined;
}) {
  return (
    <TextField
      label={label}
      hint={hint}
      inputMode="numeric"
      autoComplete="one-time-code"
      required
      autoFocus
      maxLength={12}
      value={code}
      error={error}
      onChange={(event) => {
        onCode(event.target.value);
      }}
    />
  );
}

/** Digits as people type and paste them: with blanks, dashes of any kind and invisible characters between. */
export function digitsOf(code: string): string {
  return code.normalize('NFKC').replaceAll(/[\s\p{Dash}\p{Cf}]/gu, '');
}
