/** The wallet apps to which a ticket can be added. Pure, but for opening a pass. */

import { download } from './download';

export type WalletApp = 'apple' | 'google';

/** The apps that the house has passes for and this device may have: telephones have one of them, other devices pass tickets on to either. */
export function walletAppsFor(kinds: readonly string[], userAgent: string): WalletApp[] {
  const isApple = /iPhone|iPad|iPod/.test(userAgent);
  const isAndroid = /Android/.test(userAgent);
  const fits = { apple: !isAndroid, google: !isApple };
  return (['apple', 'google'] as const).filter((app) => kinds.includes(app) && fits[app]);
}

/** Opens a pass of Apple Wallet: a telephone asks whether to add it, another device keeps the file. */
export function openPass(pass: Blob, name: string, userAgent = navigator.userAgent): void {
  if (!/iPhone|iPad|iPod/.test(userAgent)) {
    download(pass, name);
    return;
  }
  const url = URL.createObjectURL(pass);
  window.location.assign(url);
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
