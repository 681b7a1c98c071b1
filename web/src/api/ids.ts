const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id in a text that anyone may have written, such as a parameter of an address; null if it is none. */
export function idIn(text: string | null | undefined): string | null {
  return text && UUID.test(text) ? text : null;
}
