import { memo, useEffect, useRef, useState } from 'react';

import type { Show } from '../api/types';
import { drawPoster, lineHeight, paletteOf, type Lettering } from './poster-art';
import { HEIGHT, WIDTH } from './poster-motifs';

const LETTERING: Record<Lettering, React.CSSProperties> = {
  narrow: { fontFamily: 'Archivo Poster', fontStretch: '64%', fontWeight: 820 },
  wide: { fontFamily: 'Archivo Poster', fontStretch: '112%', fontWeight: 780 },
  serif: { fontFamily: 'Instrument Serif' },
};

/** Without `poster_url` the show itself is still loading; null means that it has no picture. */
type Shown = Pick<Show, 'title'> & Partial<Pick<Show, 'genres' | 'language' | 'poster_url' | 'poster_full_url'>>;

/** Widths of the two pictures that the API stores. */
const CARD_PX = 480;
const FULL_PX = 1200;

/** Load order of a picture: before all others (the main one), or once it is in sight. */
export type Priority = 'first' | 'later';

/** Distance from the window, in pixels, at which a picture is loaded. A browser's own lazy loading starts screens earlier. */
const NEAR_PX = 200;

interface Props {
  show: Shown;
  className?: string;
  /** `card` is the small picture that lists are made of; `full` lets the browser choose for its screen. */
  size?: 'card' | 'full';
  priority?: Priority;
  /** `whole` never crops; in a frame taller than the poster, its ground colour fills the rest. */
  fit?: 'cover' | 'whole';
}

/**
 * Poster of a show: its picture, or one drawn from its title and genre if it has none or it cannot be fetched. The frame has its final size from the start. Decorative: the title is always shown beside it.
 */
export const Poster = memo(function Poster({
  show,
  className = '',
  size = 'card',
  priority = 'later',
  fit = 'cover',
}: Props) {
  const url = show.poster_url;
  return (
    // Not painted while off screen; its size does not depend on its content.
    <span
      className={[
        'relative block aspect-[2/3] w-full overflow-hidden rounded-2xl bg-sunk [content-visibility:auto]',
        className,
      ].join(' ')}
      // While the picture is coming; drawing its own poster would take longer than most pictures do.
      style={{ backgroundColor: paletteOf(show.title, show.genres ?? []).ground }}
    >
      {url ? (
        <Picture
          key={url}
          url={url}
          full={size === 'full' ? (show.poster_full_url ?? null) : null}
          show={show}
          priority={priority}
          fit={fit}
        />
      ) : (
        url === null && <Drawn show={show} />
      )}
    </span>
  );
});

function Picture({
  url,
  full,
  show,
  priority,
  fit,
}: Required<Pick<Props, 'show' | 'priority' | 'fit'>> & { url: string; full: string | null }) {
  const [state, setState] = useState<'coming' | 'there' | 'broken'>('coming');
  const frame = useRef<HTMLSpanElement>(null);
  const isNear = useIsNear(frame, priority === 'first');
  return (
    <span ref={frame} className="absolute inset-0">
      {state === 'broken' && <Drawn show={show} />}
      {state !== 'broken' && isNear && (
        <img
          src={url}
          srcSet={full === null ? undefined : `${url} ${String(CARD_PX)}w, ${full} ${String(FULL_PX)}w`}
          sizes={full === null ? undefined : '(min-width: 40rem) 20rem, 36vw'}
          alt=""
          width={WIDTH}
          height={HEIGHT}
          fetchPriority={priority === 'first' ? 'high' : 'auto'}
          decoding="async"
          className={`absolute inset-0 size-full ${fit === 'whole' ? 'object-contain object-top' : 'object-cover'}`}
          onLoad={() => {
            setState('there');
          }}
          onError={() => {
            setState('broken');
          }}
        />
      )}
    </span>
  );
}

/** True once the element is in or near the window; from the start if `always`. */
function useIsNear(frame: React.RefObject<HTMLElement | null>, always: boolean): boolean {
  const [isNear, setIsNear] = useState(always);
  useEffect(() => {
    const element = frame.current;
    if (isNear || !element) return;
    const margin = `${String(NEAR_PX)}px`;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setIsNear(true);
      },
      // Rows of posters scroll by themselves; older browsers load theirs when they come into sight.
      { rootMargin: margin, scrollMargin: margin } as IntersectionObserverInit,
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [frame, isNear]);
  return isNear;
}

function Drawn({ show }: { show: Shown }) {
  const art = drawPoster(show.title, show.genres ?? []);
  const footer = [show.genres?.slice(0, 2).join(' & '), show.language].filter(Boolean).join('  ·  ');
  return (
    <svg
      viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`}
      preserveAspectRatio="xMidYMin meet"
      className="absolute inset-0 size-full"
      style={{ backgroundColor: art.palette.ground }}
      aria-hidden="true"
      focusable="false"
    >
      <rect width={WIDTH} height={HEIGHT} fill={art.palette.ground} />
      {/* The inner picture clips shapes that the larger outer one would show. */}
      <svg width={WIDTH} height={HEIGHT}>
        {art.shapes.map((shape, index) => (
          <path key={index} d={shape.d} fill={shape.fill ?? 'none'} opacity={shape.opacity} />
        ))}
      </svg>
      <rect y={art.floor} width={WIDTH} height={HEIGHT - art.floor} fill={art.palette.ground} />
      <g fill={art.palette.ink}>
        {art.lines.map((line, index) => (
          <text
            key={index}
            x={18}
            y={art.top + index * art.size * lineHeight(art.lettering)}
            fontSize={art.size}
            style={LETTERING[art.lettering]}
          >
            {line}
          </text>
        ))}
        <text
          x={18}
          y={430}
          fontSize={11}
          letterSpacing={0.6}
          style={{ fontFamily: 'Archivo Poster', fontWeight: 560 }}
        >
          {footer}
        </text>
      </g>
    </svg>
  );
}
