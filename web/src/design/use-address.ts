import { useSearchParams } from 'react-router';

/** The parameters in the address of the page, and a function that sets some of them in place; an empty value removes one. */
export function useAddress() {
  const [params, setParams] = useSearchParams();
  const set = (values: Readonly<Record<string, string | null>>) => {
    setParams((before) => withValues(before, values), { replace: true, preventScrollReset: true });
  };
  return [params, set] as const;
}

/** A parameter that is one of some words; empty for anything else that an address may say. */
export function oneOf<const T extends string>(words: readonly T[], text: string | null): T | '' {
  return words.find((word) => word === text) ?? '';
}

export function withValues(before: URLSearchParams, values: Readonly<Record<string, string | null>>): URLSearchParams {
  const next = new URLSearchParams(before);
  for (const [name, value] of Object.entries(values)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}
