import jsqr from 'jsqr';
import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';

import type { Payment } from '../api/types';
import { proofOf } from './delete-account';
import { digitsOf } from './email-field';
import { linkToken } from './link-token';
import { qrPicture } from './qr-picture';
import { topUpWords } from './top-up-words';

describe('the token of a link in a mail', () => {
  it('is read from the fragment, which is sent to no server', () => {
    expect(linkToken({ search: '', hash: '#token=abc%2Bd' })).toBe('abc+d');
  });

  it('is read from the query of links that older versions have mailed', () => {
    expect(linkToken({ search: '?token=abc', hash: '' })).toBe('abc');
    expect(linkToken({ search: '?token=old', hash: '#token=new' })).toBe('new');
  });

  it('is missing where the address is incomplete', () => {
    expect(linkToken({ search: '', hash: '' })).toBeNull();
  });
});

it('a code is accepted as people type it', () => {
  for (const text of ['123456', ' 123 456 ', '123-456', '123–456', '\ufeff123\u200b456', '１２３４５６'])
    expect(digitsOf(text), text).toBe('123456');
});

it('a deletion is proved by the password, or by a code of the authenticator, or by one that was mailed', () => {
  expect(proofOf('pass word', false, true)).toEqual({ password: 'pass word' });
  expect(proofOf('123 456', true, true)).toEqual({ otp: '123456' });
  expect(proofOf('123-456', true, false)).toEqual({ code: '123456' });
});

describe('the QR code of a second factor', () => {
  const url = 'otpauth://totp/Ticket%20Show:ada@example.org?secret=JBSWY3DPEHPK3PXP&issuer=Ticket%20Show';

  it('is read by a scanner', () => {
    const { data, size } = encode(url, { border: 3 });
    const scale = 4;
    const pixels = new Uint8ClampedArray(size * scale * size * scale * 4).fill(255);
    data.forEach((row, y) => {
      row.forEach((dark, x) => {
        if (!dark) return;
        for (let dy = 0; dy < scale; dy += 1)
          for (let dx = 0; dx < scale; dx += 1) {
            const at = ((y * scale + dy) * size * scale + x * scale + dx) * 4;
            pixels.fill(0, at, at + 3);
          }
      });
    });
    expect(jsqr(pixels, size * scale, size * scale)?.data).toBe(url);
  });

  it('is drawn without asking a server, and in black on white', () => {
    const picture = decodeURIComponent(qrPicture(url));
    expect(picture).toMatch(/^data:image\/svg\+xml,<svg/);
    expect(picture).toContain('white');
    expect(picture).not.toContain('JBSWY3DPEHPK3PXP');
  });
});

describe('a top-up that is over', () => {
  const amount = { amount_minor: 50_000, currency: 'INR' };
  const words = (status: Payment['status'], refund: Payment['refund'] = null) => topUpWords({ status, amount, refund });

  it('says that nothing was charged only if so', () => {
    expect(words('captured').text).toBe('₹500 was added.');
    for (const status of ['failed', 'expired'] as const) expect(words(status).text).toContain('nothing was charged');
    for (const status of ['review', 'refunding', 'refunded'] as const)
      expect(words(status).text, status).not.toContain('nothing was charged');
    expect(words('refunding', { status: 'submitted', amount, to: 'card' }).text).toBe(
      '₹500 is on its way back to the card you paid with.',
    );
  });
});
