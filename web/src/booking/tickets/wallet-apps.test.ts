import { expect, it } from 'vitest';

import { walletAppsFor } from './wallet-apps';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1';
const ANDROID = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15';

it('a telephone is offered its own wallet, and a computer both', () => {
  const all = ['apple', 'google'];
  expect(walletAppsFor(all, IPHONE)).toEqual(['apple']);
  expect(walletAppsFor(all, ANDROID)).toEqual(['google']);
  expect(walletAppsFor(all, MAC)).toEqual(['apple', 'google']);
});

it('none is offered that the house has no certificates for, nor one that this version does not know', () => {
  expect(walletAppsFor([], MAC)).toEqual([]);
  expect(walletAppsFor(['google'], IPHONE)).toEqual([]);
  expect(walletAppsFor(['apple', 'samsung'], MAC)).toEqual(['apple']);
});
