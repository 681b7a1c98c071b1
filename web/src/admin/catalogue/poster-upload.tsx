import { ImageUp, RotateCcw } from 'lucide-react';
import { useEffect, useId, useRef, useState, type DragEvent } from 'react';

import { Problem } from '../../api/problem';
import { outdated } from '../../api/queries';
import type { PosterAddress, Show } from '../../api/types';
import { upload } from '../../api/upload';
import { Button } from '../../design/button';
import { Note, Refused } from '../../design/notices';
import { Poster } from '../../design/poster';
import { w } from '../../i18n/work/texts';
import { ACCEPT, adviceOn, flawOfFile, flawOfSize, sizeOf } from './picture';

export interface Picked {
  file: File;
  /** For the page only. */
  url: string;
  advice: string | null;
}

/** Sends the poster of a show. */
export async function sendPoster(show: string, file: File, onShare: (share: number) => void): Promise<void> {
  await upload<PosterAddress>(`/shows/${show}/poster`, file, onShare);
  await outdated('/shows');
}

/** A poster chosen or dropped, once it has been looked at. */
export function usePicked() {
  const [picked, setPicked] = useState<Picked | null>(null);
  const [flaw, setFlaw] = useState<string | null>(null);
  useEffect(
    () => () => {
      if (picked) URL.revokeObjectURL(picked.url);
    },
    [picked],
  );
  const pick = async (file: File): Promise<Picked | null> => {
    const wrong = flawOfFile(file);
    const size = wrong ? null : await sizeOf(file);
    const flawFound = wrong ?? (size ? flawOfSize(size) : w.poster.unreadable);
    setFlaw(flawFound);
    const next = flawFound || !size ? null : { file, url: URL.createObjectURL(file), advice: adviceOn(size) };
    setPicked(next);
    return next;
  };
  const forget = () => {
    setPicked(null);
  };
  return { picked, flaw, pick, forget };
}

interface FieldProps {
  show: Pick<Show, 'title'> & Partial<Show>;
  picked: Picked | null;
  flaw: string | null;
  /** The share that has been sent, 0 to 1; null while nothing is. */
  share: number | null;
  onFile: (file: File) => void;
}

/** Preview of the poster; a drop or a press replaces it. */
export function PosterField({ show, picked, flaw, share, onFile }: FieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const hint = useId();
  const [over, setOver] = useState(false);
  const onDrag = (event: DragEvent) => {
    event.preventDefault();
    setOver(event.type === 'dragover');
    const file = event.type === 'drop' ? event.dataTransfer.files[0] : undefined;
    if (file) onFile(file);
  };
  const has = picked !== null || Boolean(show.poster_url);
  return (
    <div className="grid gap-2.5">
      <button
        type="button"
        aria-describedby={hint}
        disabled={share !== null}
        onClick={() => input.current?.click()}
        onDragOver={onDrag}
        onDragLeave={onDrag}
        onDrop={onDrag}
        className="group block w-full rounded-2xl focus-visible:rounded-2xl"
      >
        <span
          className={[
            'relative block overflow-hidden rounded-2xl ring-offset-2 ring-offset-card',
            'transition-shadow',
            over ? 'ring-3 ring-gold' : '',
          ].join(' ')}
        >
          <Poster
            show={{ ...show, ...(picked && { poster_url: picked.url, poster_full_url: picked.url }) }}
            size="full"
          />
          {share !== null && <Sending share={share} />}
        </span>
        <span
          className={[
            'mt-3 flex min-h-11 items-center justify-center gap-2 rounded-full border',
            'border-line-strong px-3 font-semibold transition-colors group-hover:border-ink',
            share === null ? '' : 'text-soft',
          ].join(' ')}
        >
          <ImageUp size={17} aria-hidden /> {over ? w.poster.drop : has ? w.poster.another : w.poster.upload}
        </span>
      </button>
      <input
        ref={input}
        type="file"
        accept={ACCEPT}
        aria-label={w.poster.file}
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) onFile(file);
        }}
      />
      <p id={hint} className="text-sm text-soft">
        {w.poster.hint}
      </p>
      {flaw && <Note tone="bad">{flaw}</Note>}
      {picked?.advice && <Note tone="warn">{picked.advice}</Note>}
    </div>
  );
}

function Sending({ share }: { share: number }) {
  const percent = Math.round(share * 100);
  return (
    <span className="absolute inset-0 grid content-end bg-black/45 p-3 text-white">
      <span className="numbers mb-1.5 text-sm font-semibold">
        {percent < 100 ? w.poster.sent(percent) : w.poster.looking}
      </span>
      <span
        role="progressbar"
        aria-label={w.poster.progress}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        className="h-2 overflow-hidden rounded-full bg-white/30"
      >
        <span
          className="block h-full rounded-full bg-gold forced-color-adjust-none transition-[width] duration-200"
          style={{ width: `${String(percent)}%` }}
        />
      </span>
    </span>
  );
}

/** The poster of a show that exists: sent as soon as one is chosen. */
export function PosterUpload({ show, onDone }: { show: Show; onDone: () => void }) {
  const { picked, flaw, pick, forget } = usePicked();
  const [share, setShare] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const send = async ({ file }: Picked) => {
    setError(null);
    setShare(0);
    try {
      await sendPoster(show.show_id, file, setShare);
      forget();
      onDone();
    } catch (problem) {
      setError(problem);
    } finally {
      setShare(null);
    }
  };
  const onFile = async (file: File) => {
    const next = await pick(file);
    if (next) await send(next);
  };
  const absent = error instanceof Problem && error.notOffered;
  return (
    <div className="grid max-w-60 gap-3">
      <PosterField show={show} picked={picked} flaw={flaw} share={share} onFile={(file) => void onFile(file)} />
      {absent ? (
        <Note tone="note">{w.poster.absent}</Note>
      ) : (
        error !== null && (
          <>
            <Refused error={error} />
            {picked && (
              <Button onClick={() => void send(picked)}>
                <RotateCcw size={17} aria-hidden /> {w.poster.again}
              </Button>
            )}
          </>
        )
      )}
    </div>
  );
}
