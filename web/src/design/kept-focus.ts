/**
 * Keeps the place of the keyboard. A browser forgets it when the element that has the focus is disabled, such as a button while its
 * request runs, or taken off the page, such as a row that was just removed: the next press of Tab would begin at the top.
 */

/** Places that stand for what was removed from them, from the inside out. */
const PLACES = 'li, fieldset, form, [role=group], [role=region], section, article, dialog, main';

interface Kept {
  element: HTMLElement;
  /** What is around it, from the inside out; an element that was removed has lost these. */
  around: Element[];
  /** It was disabled while it had the focus. */
  isWaiting: boolean;
}

function aroundOf(element: Element): Element[] {
  const around: Element[] = [];
  for (let one = element.parentElement; one; one = one.parentElement) around.push(one);
  return around;
}

/** Returns the nearest place that is still there of those around what was removed. */
export function placeLeft<T extends { isConnected: boolean; matches: (selector: string) => boolean }>(
  around: readonly T[],
): T | undefined {
  return around.find((one) => one.isConnected && one.matches(PLACES));
}

/** Gives the focus back from now on. */
export function keepFocus(page: Document): void {
  let kept: Kept | null = null;
  page.addEventListener('focusin', ({ target }) => {
    kept = target instanceof HTMLElement ? { element: target, around: aroundOf(target), isWaiting: false } : null;
  });
  // A press beside everything lets go of the focus, and that is what the reader wants.
  page.addEventListener('pointerdown', ({ target }) => {
    if (kept && target instanceof Node && !kept.element.contains(target)) kept = null;
  });
  const giveBack = () => {
    if (!kept) return;
    const { element, around } = kept;
    const isDisabled = element.isConnected && element.matches(':disabled');
    if (isDisabled) kept.isWaiting = true;
    // Browsers take the focus from what is disabled at the next frame.
    const hasFocus = page.activeElement !== null && page.activeElement !== page.body;
    if (isDisabled || hasFocus) return;
    if (element.isConnected) {
      if (kept.isWaiting) element.focus({ preventScroll: true });
      return;
    }
    const place = placeLeft(around);
    kept = null;
    if (!(place instanceof HTMLElement)) return;
    if (!place.hasAttribute('tabindex')) {
      place.tabIndex = -1;
      place.addEventListener(
        'blur',
        () => {
          place.removeAttribute('tabindex');
        },
        { once: true },
      );
    }
    place.focus({ preventScroll: true });
  };
  new MutationObserver(giveBack).observe(page, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['disabled'],
  });
}
