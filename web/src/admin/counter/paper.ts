/** Paper that this device prints tickets on. */

export const PAPERS = { a4: 'A4, two on a sheet', a5: 'A5', receipt: 'Receipt, 80 mm' };
export type Paper = keyof typeof PAPERS;

const KEY = 'ticketshow.paper';

export function isPaper(name: string | null): name is Paper {
  return name !== null && Object.hasOwn(PAPERS, name);
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
