import { useMutation, useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { usePolicy } from '../../api/policy';
import { Problem } from '../../api/problem';
import { outdated, wholeList } from '../../api/queries';
import type { PriceTemplate, Screen } from '../../api/types';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextField } from '../../design/field';
import { Empty, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Sure } from '../parts';
import { pricesInWords } from '../schedule/terms/price-words';
import { NO_TERMS, pricesFrom, termsFrom, typedFrom } from '../schedule/terms/terms';
import { TermsFields } from '../schedule/terms/terms-fields';

/** Price templates of a venue: what the forms that schedule screenings can fill in. */
export function PriceTemplates({ venue, screens }: { venue: string; screens: readonly Screen[] }) {
  const templates = useQuery(wholeList(`/venues/${venue}/price-templates`));
  const [edited, setEdited] = useState<PriceTemplate | 'new' | null>(null);
  const [removed, setRemoved] = useState<PriceTemplate | null>(null);
  const remove = useMutation({
    mutationFn: (id: string) => command('DELETE', `/venues/${venue}/price-templates/${id}`),
    onSuccess: () => {
      setRemoved(null);
      return outdated(`/venues/${venue}/price-templates`);
    },
  });
  return (
    <Card
      title={w.templates.title}
      className="mt-6"
      actions={
        <Button
          onClick={() => {
            setEdited('new');
          }}
        >
          <Plus size={18} aria-hidden /> {w.templates.add}
        </Button>
      }
    >
      <Answer of={templates}>
        {(all) =>
          all.length === 0 ? (
            <Empty title={w.templates.none}>{w.templates.noneWhy}</Empty>
          ) : (
            <ul className="grid gap-2">
              {all.map((one) => (
                <li
                  key={one.template_id}
                  className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-xl bg-sunk px-4 py-2"
                >
                  <div className="min-w-0 grow basis-40">
                    <p className="font-semibold wrap-anywhere">{one.name}</p>
                    <p className="numbers text-sm text-soft wrap-anywhere">{pricesInWords(one.prices).join(' · ')}</p>
                  </div>
                  <div className="flex flex-wrap gap-2">
                    <Button
                      size="small"
                      aria-label={w.templates.changeOne(one.name)}
                      onClick={() => {
                        setEdited(one);
                      }}
                    >
                      {w.templates.change}
                    </Button>
                    <Button
                      size="small"
                      look="quiet"
                      aria-label={w.templates.removeOne(one.name)}
                      onClick={() => {
                        remove.reset();
                        setRemoved(one);
                      }}
                    >
                      {w.templates.remove}
                    </Button>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      {edited && (
        <TemplateDialog
          venue={venue}
          screens={screens}
          template={edited === 'new' ? null : edited}
          onClose={() => {
            setEdited(null);
          }}
        />
      )}
      {removed && (
        <Sure
          title={w.templates.sure(removed.name)}
          verb={w.templates.remove}
          act={{
            ...remove,
            mutate: () => {
              remove.mutate(removed.template_id);
            },
          }}
          onClose={() => {
            setRemoved(null);
          }}
        >
          {w.templates.keep}
        </Sure>
      )}
    </Card>
  );
}

interface DialogProps {
  venue: string;
  screens: readonly Screen[];
  template: PriceTemplate | null;
  onClose: () => void;
}

function TemplateDialog({ venue, screens, template, onClose }: DialogProps) {
  const currency = usePolicy().currency.code;
  const [before] = useState(() => (template ? typedFrom(template, currency) : { prices: {}, draft: NO_TERMS }));
  const [name, setName] = useState(template?.name ?? '');
  const [prices, setPrices] = useState<Record<string, string>>(before.prices);
  const [draft, setDraft] = useState(before.draft);
  // Those of all screens; a template may have others that no screen has any more.
  const rows = screens.flatMap((screen) => screen.layout.rows.map((row) => row.category));
  const categories = [...new Set([...rows, ...Object.keys(template?.prices ?? {})])];
  const priced = pricesFrom(categories, draft, prices, currency);
  const terms = termsFrom(draft, currency);
  const key = useKey();
  const save = useMutation({
    mutationFn: async (body: { name: string } & NonNullable<typeof terms> & { prices: NonNullable<typeof priced> }) => {
      const path = `/venues/${venue}/price-templates` as const;
      if (template) await command('PUT', `${path}/${template.template_id}`, { body });
      else await key.run([path, body], (text) => command('POST', path, { body, key: text }));
    },
    onSuccess: () => {
      say(w.templates.saved, 'good');
      onClose();
      return outdated(`/venues/${venue}/price-templates`);
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  return (
    <Dialog wide title={template ? template.name : w.templates.new} onClose={onClose}>
      <form
        className="grid gap-4 sm:grid-cols-2"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (priced && terms) save.mutate({ name, prices: priced, ...terms });
        }}
      >
        <div className="sm:col-span-2">
          <TextField
            label={w.templates.name}
            required
            autoFocus
            maxLength={100}
            placeholder={w.templates.nameExample}
            value={name}
            error={problem?.flaw('/name')}
            onChange={({ target }) => {
              setName(target.value);
            }}
          />
        </div>
        {categories.length === 0 && <p className="text-soft sm:col-span-2">{w.schedule.noScreenWhy}</p>}
        <TermsFields
          categories={categories}
          currency={currency}
          draft={draft}
          onDraft={setDraft}
          prices={prices}
          onPrices={setPrices}
        />
        <div className="sm:col-span-2">
          <Refused error={save.error} />
        </div>
        <Button
          look="gold"
          type="submit"
          className="justify-self-start"
          busy={save.isPending}
          disabled={save.isPending || !priced || !terms}
        >
          {w.templates.save}
        </Button>
      </form>
    </Dialog>
  );
}
