import type { Draft, Screen, Venue } from '../../../api/types';
import { cityName } from '../../../catalogue/names';
import { SelectField, TextField } from '../../../design/field';
import { Note, Refused } from '../../../design/notices';
import { t } from '../../../i18n/texts';
import { w } from '../../../i18n/work/texts';
import { inUse } from '../board';
import { PublishFields } from './draft-fields';
import { clockFlaw } from '../series';
import { TemplateField } from '../terms/template-field';
import { typedFrom } from '../terms/terms';
import { TermsFields } from '../terms/terms-fields';
import type { EditedDraft } from './use-draft';

interface Props {
  edited: EditedDraft;
  draft: Draft;
  venue: Venue;
  screens: readonly Screen[];
}

/** Show, screen, time, prices and terms of a draft. */
export function DraftTerms({ edited, draft, venue, screens }: Props) {
  const { shows, show, currency, trouble } = edited;
  const isListed = shows.some((one) => one.show_id === draft.show_id);
  return (
    <div className="grid items-start gap-3 sm:grid-cols-2">
      {edited.showsError && (
        <div className="sm:col-span-2">
          <Refused error={edited.showsError} />
        </div>
      )}
      <SelectField
        label={w.series.show}
        value={show}
        onChange={({ target }) => {
          edited.setShow(target.value);
        }}
      >
        {!isListed && <option value={draft.show_id}>{draft.show_title}</option>}
        {shows.map((one) => (
          <option key={one.show_id} value={one.show_id}>
            {one.title} ({t.when.minutes(one.duration_minutes)})
          </option>
        ))}
      </SelectField>
      <SelectField
        label={w.schedule.screen}
        value={edited.screenId}
        onChange={({ target }) => {
          edited.setScreen(target.value);
        }}
      >
        {inUse(screens, draft.screen_id).map((one) => (
          <option key={one.screen_id} value={one.screen_id}>
            {w.schedule.screenOf(one.name, t.count.seats(one.capacity))}
          </option>
        ))}
      </SelectField>
      <TextField
        label={w.schedule.day}
        type="date"
        required
        value={edited.day}
        onChange={({ target }) => {
          if (target.value) edited.setDay(target.value);
        }}
      />
      <TextField
        label={w.schedule.timeIn(cityName(venue.city))}
        type="time"
        required
        value={edited.time}
        hint={clockFlaw(edited.day, edited.time, venue.timezone, edited.starts_at).hint}
        error={trouble ? w.slot.notThen(trouble) : undefined}
        onChange={({ target }) => {
          if (target.value) edited.setTime(target.value);
        }}
      />
      {edited.screenId !== draft.screen_id && draft.blocks.length > 0 && (
        <div className="sm:col-span-2">
          <Note tone="note">{w.draft.seatsMove}</Note>
        </div>
      )}
      <PublishFields city={venue.city} timezone={venue.timezone} value={edited.publish} onValue={edited.setPublish} />
      <div className="sm:col-span-2">
        <TemplateField
          venue={venue.venue_id}
          onTemplate={(template) => {
            const filled = typedFrom(template, currency);
            edited.setPrices(filled.prices);
            edited.setTerms(filled.draft);
          }}
        />
      </div>
      <TermsFields
        categories={edited.categories}
        currency={currency}
        draft={edited.terms}
        onDraft={edited.setTerms}
        prices={edited.prices}
        onPrices={edited.setPrices}
      />
    </div>
  );
}
