import { SelectField } from '../design/field';
import { useNow } from '../design/hooks';
import { w } from '../i18n/work/texts';
import { RELEASES, releaseAt } from './releases';

interface Props {
  startsAt: string;
  hours: number;
  onChange: (hours: number) => void;
}

/** The time before the start at which seats that are kept back go on sale again. */
export function ReleaseField({ startsAt, hours, onChange }: Props) {
  const now = useNow(60_000);
  const isToCome = (at: string | null) => at === null || Date.parse(at) > now;
  return (
    <SelectField
      label={w.screening.again}
      value={hours}
      onChange={({ target }) => {
        onChange(Number(target.value));
      }}
    >
      {RELEASES.filter((one) => isToCome(releaseAt(startsAt, one))).map((one) => (
        <option key={one} value={one}>
          {w.screening.releases[one]}
        </option>
      ))}
    </SelectField>
  );
}
