import { marked } from './matching';

/** Text with the matches of `query` underlined. */
export function Marked({ text, query }: { text: string; query: string }) {
  return marked(text, query).map((part, place) =>
    part.hit ? (
      <mark
        key={place}
        className="bg-transparent text-inherit underline decoration-gold decoration-2 underline-offset-2"
      >
        {part.text}
      </mark>
    ) : (
      part.text
    ),
  );
}
