import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import { outdated, wholeList } from '../../api/queries';
import type { AccountEntry, Role } from '../../api/types';
import { cityName } from '../../catalogue/names';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { roleName, ROLES } from './roles';

/** Chooses what a person may do, and at which venues. */
export function RoleDialog({ account, onClose }: { account: AccountEntry; onClose: () => void }) {
  const venues = useQuery(wholeList('/venues', { status: 'active' }));
  const before = account.venues ?? null;
  const [role, setRole] = useState<Role>(account.role);
  const [some, setSome] = useState<readonly string[] | null>(before);
  const { hasVenues } = ROLES[role];
  const grant = useMutation({
    mutationFn: () => {
      const body = { role, ...(hasVenues && some && { venues: [...some] }) };
      return command('PUT', `/admin/accounts/${account.user_id}/role`, { body });
    },
    onSuccess: () => {
      say(w.roles.changed, 'good');
      onClose();
      return outdated('/admin/accounts');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    grant.mutate();
  };
  const unchanged = role === account.role && JSON.stringify(some) === JSON.stringify(before);
  return (
    <Dialog title={w.roles.title(account.name)} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <fieldset className="grid gap-2">
          <legend className="sr-only">{w.roles.role}</legend>
          {(Object.keys(ROLES) as Role[]).map((value) => (
            <label
              key={value}
              className="grid cursor-pointer grid-cols-[auto_1fr] items-center gap-x-3 rounded-2xl bg-sunk px-4 py-2.5 leading-tight has-[:checked]:ring-2 has-[:checked]:ring-ink"
            >
              <input
                type="radio"
                name="role"
                className="size-4 accent-[var(--ink)]"
                checked={role === value}
                onChange={() => {
                  setRole(value);
                }}
              />
              <span className="font-semibold">{roleName(value)}</span>
              <span className="col-start-2 text-sm text-soft">{w.roles.may[value]}</span>
            </label>
          ))}
        </fieldset>
        {hasVenues && (
          <fieldset className="grid gap-1">
            <legend className="mb-1 text-sm font-semibold">{w.roles.where}</legend>
            <label className="flex min-h-10 items-center gap-3">
              <input
                type="checkbox"
                className="size-4 accent-[var(--ink)]"
                checked={some === null}
                onChange={({ target }) => {
                  setSome(target.checked ? null : []);
                }}
              />
              {w.roles.everywhere}
            </label>
            {some !== null && (
              <div className="grid max-h-48 overflow-y-auto quiet-scroll">
                {venues.data?.map((venue) => (
                  <label key={venue.venue_id} className="flex min-h-10 items-center gap-3">
                    <input
                      type="checkbox"
                      className="size-4 accent-[var(--ink)]"
                      checked={some.includes(venue.venue_id)}
                      onChange={({ target }) => {
                        const others = some.filter((one) => one !== venue.venue_id);
                        setSome(target.checked ? [...others, venue.venue_id] : others);
                      }}
                    />
                    {venue.name}, {cityName(venue.city)}
                  </label>
                ))}
              </div>
            )}
          </fieldset>
        )}
        <Refused error={grant.error} />
        <Button
          type="submit"
          look="gold"
          busy={grant.isPending}
          disabled={unchanged || (hasVenues && some?.length === 0) || grant.isPending}
        >
          {w.roles.change}
        </Button>
      </form>
    </Dialog>
  );
}
