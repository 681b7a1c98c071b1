/** The panel beside a seat map, or below it on phones. */

export const ASIDE = [
  'sheet z-10 flex max-h-[40dvh] flex-col gap-3 overflow-y-auto scroll-pb-36 border-t border-line bg-card px-4 pt-4',
  // As high with a seat chosen as without, so that the map does not move under the finger.
  'shadow-lift quiet-scroll not-side:min-h-44 side:max-h-none side:w-[clamp(17rem,27vw,24rem)] side:border-s side:border-t-0',
  'side:shadow-none lg:px-6 lg:pt-6',
].join(' ');

/** The sum and the way on, in sight however long the list above it is. */
export const FOOT = [
  'sticky bottom-0 -mx-4 mt-auto flex items-center justify-between gap-4 bg-card px-4 pt-1',
  'pb-[max(1rem,env(safe-area-inset-bottom))] lg:-mx-6 lg:px-6 lg:pb-6',
].join(' ');
