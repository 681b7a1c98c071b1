import { useState } from 'react';

import { Problem } from '../problem';

/**
 * Attempts at something that can be done only once and has no Idempotency-Key, such as using up a link. When an answer was
 * lost, the next attempt is refused because the lost one has done it already.
 */
export class Attempts {
  private isUnsure = false;

  /** Makes an attempt. After a lost answer, a refusal for which `wasDone` returns true is a success. */
  async make<T>(
    act: () => Promise<T>,
    wasDone: (refusal: Problem) => boolean | Promise<boolean>,
  ): Promise<T | undefined> {
    try {
      const answer = await act();
      this.isUnsure = false;
      return answer;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.isUnsure) this.isUnsure = true;
      else if (this.isUnsure && (await wasDone(problem))) {
        this.isUnsure = false;
        return undefined;
      }
      throw problem;
    }
  }
}

export function useAttempts(): Attempts {
  return useState(() => new Attempts())[0];
}
