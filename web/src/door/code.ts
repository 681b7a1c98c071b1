/** Ticket codes, read and verified on this device: `<version>.<key id>.<payload>.<signature>`. */

import type { Door } from '../api/types';

/** What a code certifies. */
export interface TicketFacts {
  screening: string;
  booking: string;
  seat: string;
}

/** `unverified`: this browser cannot check signatures, or does not know the key; the list of guests has to decide. */
export type ReadCode =
  { state: 'verified' | 'unverified'; facts: TicketFacts } | { state: 'forged' } | { state: 'no-code' };

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const UUID_BYTES = 16;

/** Decodes base32 without padding (RFC 4648); null if the text is not its only encoding. */
export function decodeBase32(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let [bits, buffer, at] = [0, 0, 0];
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return null;
    buffer = ((buffer << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (buffer >> bits) & 0xff;
      at += 1;
    }
  }
  // Bits that are left over carry nothing, and are less than a letter.
  return bits < 5 && (buffer & ((1 << bits) - 1)) === 0 ? bytes : null;
}

/** A code as it was issued: scanners and people add blanks and line breaks within, and write small letters. */
function asIssued(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9.]/g, '')
    .replaceAll(/^\.+|\.+$/g, '')
    .toUpperCase();
}

/** Whether a text was meant as the code of a ticket. */
export function looksLikeCode(text: string): boolean {
  return /^TS\d+\.[A-Z0-9]+\.[A-Z2-7]+\.[A-Z2-7]+$/.test(asIssued(text));
}

export async function readCode(text: string, codes: Door['codes']): Promise<ReadCode> {
  const code = asIssued(text);
  const [version, keyId, payload, signature, ...rest] = code.split('.');
  if (version !== codes.version || !keyId || !payload || !signature || rest.length > 0) return { state: 'no-code' };
  const [facts, signed] = [factsIn(decodeBase32(payload)), decodeBase32(signature)];
  if (!facts || !signed) return { state: 'no-code' };
  const key = codes.keys.find(({ key_id }) => key_id === keyId);
  if (!key) return { state: 'unverified', facts };
  const certified = new TextEncoder().encode(code.slice(0, code.lastIndexOf('.')));
  const valid = await isSigned(key.public_key, signed, certified);
  if (valid === null) return { state: 'unverified', facts };
  return valid ? { state: 'verified', facts } : { state: 'forged' };
}

function factsIn(payload: Uint8Array | null): TicketFacts | null {
  if (!payload || payload.length <= 2 * UUID_BYTES) return null;
  try {
    return {
      screening: uuid(payload.subarray(0, UUID_BYTES)),
      booking: uuid(payload.subarray(UUID_BYTES, 2 * UUID_BYTES)),
      seat: new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(2 * UUID_BYTES)),
    };
  } catch {
    return null;
  }
}

function uuid(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Whether the signature is right; null if this browser cannot tell: old ones lack Ed25519, and plain HTTP has no WebCrypto. */
async function isSigned(
  publicKey: string,
  signature: Uint8Array<ArrayBuffer>,
  text: Uint8Array<ArrayBuffer>,
): Promise<boolean | null> {
  const { subtle } = crypto as Partial<Crypto>;
  if (!subtle) return null;
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey };
    const key = await subtle.importKey('jwk', jwk, { name: 'Ed25519' }, false, ['verify']);
    return await subtle.verify('Ed25519', key, signature, text);
  } catch {
    return null;
  }
}
