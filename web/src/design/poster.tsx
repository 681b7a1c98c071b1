import { memo, useState } from 'react';

import type { Show } from '../api/types';
import { drawPoster, HEIGHT, lineHeight, WIDTH, type Lettering } from './poster-art';

const LETTERING: Record<Lettering, React.CSSProperties> = {
  narrow: { fontFamily: 'Archivo', fontStretch: '64%', fontWeight: 820 },
  wide: { fontFamily: 'Archivo', fontStretch: '112%', fontWeight: 780 },
  serif: { fontFamily: 'Instrument Serif' },
};

type Shown = Pick<Show, 'title'> & Partial<Pick<Show, 'genres' | 'language' | 'poster_url'>>;

/** The poster of a show: the one it has, else one drawn from its title and genre. Decoration: its title stands beside it. */
export const Poster = memo(function Poster({ show, className = '', eager = false }: { show: Shown; className?: string; eager?: boolean }) {
  const [broken, setBroken] = useState(false);
  const frame = `block aspect-[2/3] w-full overflow-hidden rounded-2xl bg-sunk object-cover ${className}`;
  if (show.poster_url && !broken) {
    return (
      <img
        src={show.poster_url}
        alt=""
        width={WIDTH}
        height={HEIGHT}
        loading={eager ? 'eager' : 'lazy'}
        decoding="async"
        className={frame}
        onError={() => {
          setBroken(true);
        }}
      />
    );
  }
  const art = drawPoster(show.title, show.genres ?? []);
  const footer = [show.genres?.slice(0, 2).join(' & '), show.language].filter(Boolean).join('  ·  ');
  return (
    <svg viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} preserveAspectRatio="xMidYMid meet" className={frame} style={{ backgroundColor: art.palette.ground }} aria-hidden="true" focusable="false">
      <rect width={WIDTH} height={HEIGHT} fill={art.palette.ground} />
      {/* An inner picture cuts off at its edges what the outer one, drawn with more room, would show. */}
      <svg width={WIDTH} height={HEIGHT}>
        {art.shapes.map((shape, index) => (
          <path key={index} d={shape.d} fill={shape.fill ?? 'none'} opacity={shape.opacity} />
        ))}
      </svg>
      <rect y={art.floor} width={WIDTH} height={HEIGHT - art.floor} fill={art.palette.ground} />
      <g fill={art.palette.ink}>
        {art.lines.map((line, index) => (
          <text key={index} x={18} y={art.top + index * art.size * lineHeight(art.lettering)} fontSize={art.size} style={LETTERING[art.lettering]}>
            {line}
          </text>
        ))}
        <text x={18} y={430} fontSize={11} letterSpacing={0.6} style={{ fontFamily: 'Archivo', fontWeight: 560 }}>
          {footer}
        </text>
      </g>
    </svg>
  );
});
