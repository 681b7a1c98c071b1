import { renderSVG } from 'uqr';

/** Address of a picture with the QR code of `text`. Drawn in the browser, because the text is a secret. */
export function qrPicture(text: string): string {
  return `data:image/svg+xml,${encodeURIComponent(renderSVG(text, { border: 3 }))}`;
}
