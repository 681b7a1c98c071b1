import { useQuery } from '@tanstack/react-query';

import { wholeList } from '../../../api/queries';
import type { PriceTemplate } from '../../../api/types';
import { SelectField } from '../../../design/field';
import { Note } from '../../../design/notices';
import { w } from '../../../i18n/work/texts';

/** Fills prices and terms in from a template of the venue. Nothing is shown if it has none. */
export function TemplateField({ venue, onTemplate }: { venue: string; onTemplate: (template: PriceTemplate) => void }) {
  const templates = useQuery(wholeList(`/venues/${venue}/price-templates`));
  if (!templates.data && templates.error)
    return (
      <Note tone="warn">
        {w.templates.unread} {templates.error.message}
      </Note>
    );
  if (!templates.data || templates.data.length === 0) return null;
  return (
    <SelectField
      label={w.templates.fillIn}
      value=""
      onChange={({ target }) => {
        const chosen = templates.data.find((one) => one.template_id === target.value);
        if (chosen) onTemplate(chosen);
      }}
    >
      <option value="">{w.templates.choose}</option>
      {templates.data.map((one) => (
        <option key={one.template_id} value={one.template_id}>
          {one.name}
        </option>
      ))}
    </SelectField>
  );
}
