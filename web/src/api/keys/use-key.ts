import { useState } from 'react';

import { Keys } from './keys';

/** Idempotency-Keys of a form or button, for as long as it is on the page. */
export function useKey(): Keys {
  return useState(() => new Keys())[0];
}
