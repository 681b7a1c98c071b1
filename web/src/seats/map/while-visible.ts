/**
 * Keeps something open while the page is in sight, and returns a function that ends it.
 *
 * Over HTTP/1.1 a browser opens at most six connections to a server, for all its tabs together. A live stream holds one
 * for as long as it is open, so six seat maps in background tabs would leave none for the seventh, or for a command.
 */
export function whileVisible(open: () => () => void, page: Document = document): () => void {
  let close: (() => void) | null = null;
  const follow = () => {
    const inSight = page.visibilityState === 'visible';
    if (inSight) close ??= open();
    else {
      close?.();
      close = null;
    }
  };
  follow();
  page.addEventListener('visibilitychange', follow);
  return () => {
    page.removeEventListener('visibilitychange', follow);
    close?.();
    close = null;
  };
}
