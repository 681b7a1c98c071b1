import { Fragment, type ReactNode } from 'react';

/** A text with elements in it: `rich('Read <a>the rules</a>.', { a: (words) => <Link to="/rules">{words}</Link> })`. */
export function rich(text: string, elements: Record<string, (words: string) => ReactNode>): ReactNode {
  return text.split(/(<\w+>.*?<\/\w+>)/).map((part, place) => {
    const [, name = '', words = ''] = /^<(\w+)>(.*)<\/\1>$/.exec(part) ?? [];
    return <Fragment key={place}>{elements[name]?.(words) ?? part}</Fragment>;
  });
}
