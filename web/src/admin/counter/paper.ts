/** Paper that this device prints tickets on. */

export const PAPERS = ['a4', 'a5', 'receipt'] as const;
export type Paper = (typeof PAPERS)[number];

const KEY = 'ticketshow.paper';

export function isPaper(name: string | null): name is Paper {
  return PAPERS.some((paper) => paper === name);
}

export function chosenPaper(): Paper {
  try {
    const stored = localStorage.getItem(KEY);
    return isPaper(stored) ? stored : 'a5';
  } catch {
    return 'a5';
  }
}

export function choosePaper(paper: Paper): void {
  try {
    localStorage.setItem(KEY, paper);
  } catch {
    // Storage is off: the choice lasts until the page is left.
  }
}
