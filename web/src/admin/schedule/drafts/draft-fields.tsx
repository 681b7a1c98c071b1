import { cityName } from '../../../catalogue/names';
import { TextField } from '../../../design/field';
import { localMoment } from '../../../design/format';
import { w } from '../../../i18n/work/texts';
import { clockFlaw } from '../series';

/** Day and time as typed; without a day, staff publish it. */
export interface PublishTime {
  day: string;
  time: string;
}

/** The moment at which a draft is published automatically. */
export function publishAt({ day, time }: PublishTime, timezone: string): string | undefined {
  return day && time ? localMoment(day, time, timezone) : undefined;
}

/** The time at which a draft is published automatically, if it is. */
export function PublishFields({
  city,
  timezone,
  value,
  onValue,
}: {
  city: string;
  timezone: string;
  value: PublishTime;
  onValue: (value: PublishTime) => void;
}) {
  return (
    <>
      <TextField
        label={w.draft.publishOn}
        type="date"
        value={value.day}
        hint={w.draft.publishHint}
        onChange={({ target }) => {
          onValue({ ...value, day: target.value });
        }}
      />
      <TextField
        label={w.draft.publishTime(cityName(city))}
        type="time"
        required={value.day !== ''}
        disabled={value.day === ''}
        value={value.time}
        {...clockFlaw(value.day, value.time, timezone)}
        onChange={({ target }) => {
          onValue({ ...value, time: target.value });
        }}
      />
    </>
  );
}
