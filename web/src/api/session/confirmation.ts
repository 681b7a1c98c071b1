/**
 * Fresh confirmation: before money, roles and the like the API may want the password or a code again, although the
 * session is signed in. One question serves all calls that wait for it.
 */

import { Problem } from '../problem';

let question: { answer: Promise<boolean>; settle: (confirmed: boolean) => void } | null = null;
const listeners = new Set<() => void>();

function change(next: typeof question): void {
  question = next;
  for (const listener of listeners) listener();
}

export function onQuestionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** True while a call waits for the confirmation. */
export function isAsking(): boolean {
  return question !== null;
}

/** Lets the waiting calls go on, or refuses them. */
export function settleQuestion(confirmed: boolean): void {
  const { settle } = question ?? {};
  change(null);
  settle?.(confirmed);
}

function ask(): Promise<boolean> {
  if (!question) {
    let settle: (confirmed: boolean) => void = () => undefined;
    const answer = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    change({ answer, settle });
    return answer;
  }
  return question.answer;
}

/** Makes a call, and once more after a confirmation if the API wants one. */
export async function withConfirmation<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.slug !== 'confirmation-needed' || !(await ask())) throw problem;
    return attempt();
  }
}
