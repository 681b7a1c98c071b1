/** Checks of a poster file before it is uploaded. The server checks again and decides. */

import { w } from '../../i18n/work/texts';

/** Formats that the API accepts. */
const TYPES = ['image/jpeg', 'image/png', 'image/webp'];
const BYTES_MAX = 5 * 1024 * 1024;
const PIXELS_MAX = 40_000_000;
/** Below this width, in pixels, it looks blurred on a page about the show. */
const WIDTH_GOOD = 600;

export const ACCEPT = TYPES.join(',');

export interface Size {
  width: number;
  height: number;
}

/** Problem with a file, if there is one. */
export function flawOfFile({ type, size }: { type: string; size: number }): string | null {
  if (!TYPES.includes(type)) return w.poster.noPicture;
  if (size > BYTES_MAX) return w.poster.tooLarge((size / 1024 / 1024).toFixed(1));
  return null;
}

/** Problem with a picture of that size, if there is one. */
export function flawOfSize({ width, height }: Size): string | null {
  return width * height > PIXELS_MAX ? w.poster.tooManyPixels(Math.round((width * height) / 1_000_000)) : null;
}

/** Advice about a picture that is accepted anyway. */
export function adviceOn({ width, height }: Size): string | null {
  const shape = width / height;
  if (shape > 0.72 || shape < 0.61) return w.poster.cutOff;
  return width < WIDTH_GOOD ? w.poster.blurred : null;
}

/** The size of a picture; null for a file that the browser cannot read as one. */
export async function sizeOf(file: Blob): Promise<Size | null> {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    return { width, height };
  } catch {
    return null;
  }
}
