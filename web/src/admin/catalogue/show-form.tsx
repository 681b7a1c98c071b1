import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { Problem } from '../../api/problem';
import { outdated } from '../../api/queries';
import type { Show } from '../../api/types';
import { Button } from '../../design/button';
import { TextArea, TextField } from '../../design/field';
import { duration } from '../../design/format';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { Overlaps } from './overlaps';
import { PosterField, sendPoster, usePicked } from './poster-upload';
import { Unsaved } from './unsaved';

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

interface Props {
  /** The show to change; without it, a new one. */
  show?: Show;
  /** A show that the new one is filled in from. */
  like?: Show;
  onDone: (id: string) => void;
}

/** Letters of a title, at most. */
const TITLE_MAX = 200;

/** The title that the form begins with. That of a copy says so, until it gets one of its own. */
export function firstTitle(show: Show | undefined, like: Show | undefined): string {
  if (show) return show.title;
  return like ? w.showForm.copyOf(like.title).slice(0, TITLE_MAX) : '';
}

/** A new show with its poster, or one to change. */
export function ShowForm({ show, like = show, onDone }: Props) {
  const [title, setTitle] = useState(() => firstTitle(show, like));
  const isCopy = !show && like !== undefined && title === firstTitle(show, like);
  const [description, setDescription] = useState(like?.description ?? '');
  const [minutes, setMinutes] = useState(String(like?.duration_minutes ?? 120));
  const [language, setLanguage] = useState(like?.language ?? '');
  const [certificate, setCertificate] = useState(like?.certificate ?? '');
  const [genreText, setGenres] = useState(like?.genres.join(', ') ?? '');
  const [peopleText, setPeople] = useState(like?.people.join(', ') ?? '');
  const [share, setShare] = useState<number | null>(null);
  const { picked, flaw, pick } = usePicked();
  const key = useKey();
  const genres = listOf(genreText);
  const people = listOf(peopleText);
  const save = useMutation({
    mutationFn: async () => {
      const body = { title, description, duration_minutes: Number(minutes), language, genres, people };
      if (show) {
        await command('PATCH', `/shows/${show.show_id}`, { body: { ...body, certificate } });
        return show.show_id;
      }
      const wanted = { ...body, ...(certificate && { certificate }) };
      const made = await key.run(wanted, (text) => command('POST', '/shows', { body: wanted, key: text }));
      if (picked)
        await sendPoster(made.show_id, picked.file, setShare).catch((problem: unknown) => {
          // The show is there; its poster can be sent again from its own page.
          say(w.showForm.noPoster(problem instanceof Error ? problem.message : ''), 'bad');
        });
      return made.show_id;
    },
    onSuccess: (id) => {
      void outdated('/shows');
      onDone(id);
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={`grid gap-5 ${show ? '' : 'sm:grid-cols-[11rem_minmax(0,1fr)]'}`} onSubmit={submit}>
      {!show && (
        <div className="max-w-44">
          <PosterField
            show={{ title: title || w.showForm.untitled, genres, language }}
            picked={picked}
            flaw={flaw}
            share={share}
            onFile={(file) => void pick(file)}
          />
        </div>
      )}
      <div className="grid gap-4">
        <TextField
          label={w.showForm.title}
          required
          autoFocus={!show}
          maxLength={TITLE_MAX}
          hint={isCopy ? w.showForm.isCopy : undefined}
          value={title}
          error={problem?.flaw('/title')}
          onFocus={({ target }) => {
            // What is typed takes the place of the title that only says that this is a copy.
            if (isCopy) target.select();
          }}
          onChange={(event) => {
            setTitle(event.target.value);
          }}
        />
        <TextArea
          label={w.showForm.description}
          maxLength={10_000}
          value={description}
          error={problem?.flaw('/description')}
          onChange={(event) => {
            setDescription(event.target.value);
          }}
        />
        <div className="grid gap-4 xs:grid-cols-3">
          <TextField
            label={w.showForm.minutes}
            type="number"
            min={1}
            max={600}
            required
            value={minutes}
            error={problem?.flaw('/duration_minutes')}
            hint={
              show && Number(minutes) !== show.duration_minutes
                ? w.showForm.keeps(duration(show.duration_minutes))
                : undefined
            }
            onChange={(event) => {
              setMinutes(event.target.value);
            }}
          />
          <TextField
            label={w.showForm.language}
            required
            maxLength={50}
            value={language}
            error={problem?.flaw('/language')}
            onChange={(event) => {
              setLanguage(event.target.value);
            }}
          />
          <TextField
            label={w.showForm.certificate}
            maxLength={20}
            value={certificate}
            error={problem?.flaw('/certificate')}
            onChange={(event) => {
              setCertificate(event.target.value);
            }}
          />
        </div>
        {show && <Overlaps show={show} minutes={Number(minutes)} />}
        <TextField
          label={w.showForm.genres}
          hint={w.showForm.genresHint}
          value={genreText}
          error={problem?.flaw('/genres')}
          onChange={(event) => {
            setGenres(event.target.value);
          }}
        />
        <TextField
          label={w.showForm.people}
          hint={w.showForm.peopleHint}
          value={peopleText}
          error={problem?.flaw('/people')}
          onChange={(event) => {
            setPeople(event.target.value);
          }}
        />
        {!problem?.errors.length && <Refused error={save.error} />}
        <Button look="gold" type="submit" className="justify-self-start" busy={save.isPending}>
          {show ? w.showForm.save : w.showForm.add}
        </Button>
      </div>
      <Unsaved
        values={[title, description, minutes, language, certificate, genreText, peopleText, picked?.file.name]}
        save={save}
      />
    </form>
  );
}
