import { useMutation } from '@tanstack/react-query';
import { BellRing } from 'lucide-react';
import { useId, useState } from 'react';

import { SignInForm } from '../../account/sign-in-form';
import { command } from '../../api/client';
import { usePolicy } from '../../api/policy';
import { Problem } from '../../api/problem';
import { outdated } from '../../api/queries';
import { useKey } from '../../api/keys/use-key';
import { useUser } from '../../api/session/use-session';
import { categoryName } from '../../catalogue/names';
import { Button } from '../../design/button';
import { CheckPill } from '../../design/check-pill';
import { Dialog } from '../../design/dialog';
import { duration, money } from '../../design/format';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { t } from '../../i18n/texts';
import type { Offer } from '../../seats/choice/prices';
import { Stepper } from '../../seats/room/stepper';
import { Place } from './place';
import { useMyPlaces } from './places';

/** Waits for seats of a screening that are not free now; shows the place of a reader who waits already. */
export function WaitForSeats({
  screening,
  offers,
  wanted,
  only,
  wheelchair,
}: {
  screening: string;
  offers: readonly Offer[];
  /** Seats to begin with. */
  wanted: number;
  /** Categories to begin with; any if null. */
  only: ReadonlySet<string> | null;
  /** Whether the room has wheelchair places, and whether one of them is what is wanted to begin with. */
  wheelchair: 'none' | 'possible' | 'wanted';
}) {
  const { has_waiting_lists: isOffered } = usePolicy();
  const place = useMyPlaces().find((one) => one.screening_id === screening);
  if (!isOffered) return null;
  return (
    <section aria-labelledby="wait" className="grid gap-3">
      <h2 id="wait" className="text-xl">
        {t.waiting.title}
      </h2>
      {place ? (
        <Place place={place} />
      ) : (
        <Form
          key={`${String(wanted)} ${[...(only ?? [])].join()}`}
          screening={screening}
          offers={offers}
          wanted={wanted}
          only={only}
          wheelchair={wheelchair}
        />
      )}
    </section>
  );
}

function Form({
  screening,
  offers,
  wanted,
  only,
  wheelchair,
}: {
  screening: string;
  offers: readonly Offer[];
  wanted: number;
  only: ReadonlySet<string> | null;
  wheelchair: 'none' | 'possible' | 'wanted';
}) {
  const user = useUser();
  const { booking_seats_max: most, offer_seconds: seconds } = usePolicy();
  const [seats, setSeats] = useState(wanted);
  const [chosen, setChosen] = useState<readonly string[]>(() => [...(only ?? [])]);
  const [withPlace, setWithPlace] = useState(wheelchair === 'wanted');
  const [asked, setAsked] = useState(false);
  const hint = useId();
  const key = useKey();
  const join = useMutation({
    mutationFn: () => {
      const body = {
        seats,
        ...(chosen.length > 0 && { categories: [...chosen] }),
        ...(withPlace && { wheelchair: true }),
      };
      return command('POST', `/screenings/${screening}/waiting-list`, { body, key: key.of(body) });
    },
    onSuccess: async () => {
      key.done();
      await outdated('/me/waiting-list');
      say(t.waiting.joined, 'good');
    },
    onError: (problem) => {
      key.failed(problem);
      // Another tab was faster, or seats are free by now: both are shown once they are read again.
      if (problem instanceof Problem && problem.slug === 'already-waiting') void outdated('/me/waiting-list');
      else void outdated(`/screenings/${screening}`);
    },
  });
  return (
    <>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (user) join.mutate();
          else setAsked(true);
        }}
      >
        <p className="text-sm text-soft">{t.waiting.why(duration(Math.round(seconds / 60)))}</p>
        {offers.length > 1 && (
          <fieldset>
            <legend className="mb-1 text-sm font-semibold">{t.waiting.which}</legend>
            <div className="flex flex-wrap gap-2">
              {offers.map(({ category, price }) => (
                <CheckPill
                  key={category}
                  checked={chosen.includes(category)}
                  onChange={(checked) => {
                    setChosen((before) => (checked ? [...before, category] : before.filter((one) => one !== category)));
                  }}
                >
                  {categoryName(category)}
                  {price && <span className="numbers font-normal">{money(price)}</span>}
                </CheckPill>
              ))}
            </div>
          </fieldset>
        )}
        {wheelchair !== 'none' && (
          <div>
            <label className="flex min-h-11 cursor-pointer items-center gap-3 font-semibold">
              <input
                type="checkbox"
                className="size-5 shrink-0 accent-ink"
                checked={withPlace}
                aria-describedby={`${hint}-wheelchair`}
                onChange={({ target }) => {
                  setWithPlace(target.checked);
                }}
              />
              {t.waiting.withPlace}
            </label>
            <p id={`${hint}-wheelchair`} className="text-sm text-soft">
              {t.waiting.placeWhy}
            </p>
          </div>
        )}
        <Refused error={join.error} />
        <div className="flex flex-wrap items-center gap-2">
          <Stepper value={seats} max={most} onChange={setSeats} />
          <Button type="submit" look="gold" className="flex-1" busy={join.isPending}>
            <BellRing size={18} aria-hidden /> {t.waiting.join(seats)}
          </Button>
        </div>
      </form>
      {asked && (
        <Dialog
          title={t.waiting.signIn}
          onClose={() => {
            setAsked(false);
          }}
        >
          <SignInForm
            onDone={() => {
              setAsked(false);
              join.mutate();
            }}
          />
        </Dialog>
      )}
    </>
  );
}
