/** Idempotency-Keys, one per intent. */

import { newKey } from '../client';
import { Problem } from '../problem';

/**
 * The key of what a person wants to do. The same values have the same key until the API has answered them, so that pressing
 * again after an answer was lost repeats the call instead of doing it twice; other values are a new intent.
 */
export class Keys {
  private held: { intent: string; key: string } | null = null;

  of(intent: unknown): string {
    const text = JSON.stringify(intent) ?? '';
    if (this.held?.intent !== text) this.held = { intent: text, key: newKey() };
    return this.held.key;
  }

  /** Makes a call with the key of its intent, and learns from its answer. */
  async run<T>(intent: unknown, call: (key: string) => Promise<T>): Promise<T> {
    try {
      const answer = await call(this.of(intent));
      this.done();
      return answer;
    } catch (problem) {
      this.failed(problem);
      throw problem;
    }
  }

  /** The call was carried out: the same values mean to do it once more. */
  done(): void {
    this.held = null;
  }

  /**
   * The call failed. What was refused may be wanted again under other circumstances, with more money in the wallet say,
   * for which the old key would repeat the refusal. After an outage nobody knows the outcome, and the key stays.
   */
  failed(problem: unknown): void {
    if (problem instanceof Problem && !problem.passing && problem.status !== 401) this.held = null;
  }
}
