/** A film for Chromium's fake camera. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser } from 'playwright-core';

const [WIDTH, HEIGHT] = [640, 480];

/** A film on which nothing happens but an SVG picture in the middle, as a Y4M file; its path. */
export async function filmOf(browser: Browser, svg: string): Promise<string> {
  const page = await browser.newPage();
  const greys = await page.evaluate(
    async ({ address, width, height }) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d');
      if (!context) throw new Error('there is no canvas');
      context.fillStyle = 'white';
      context.fillRect(0, 0, width, height);
      const side = height * 0.75;
      context.drawImage(image, (width - side) / 2, (height - side) / 2, side, side);
      const { data } = context.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, at) => data[4 * at] ?? 0);
    },
    { address: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`, width: WIDTH, height: HEIGHT },
  );
  await page.close();
  const head = Buffer.from(`YUV4MPEG2 W${String(WIDTH)} H${String(HEIGHT)} F10:1 Ip A1:1 C420jpeg\n`);
  const grey = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), Buffer.from(greys), grey]);
  const path = join(mkdtempSync(join(tmpdir(), 'film-')), 'film.y4m');
  writeFileSync(path, Buffer.concat([head, frame, frame]));
  return path;
}
