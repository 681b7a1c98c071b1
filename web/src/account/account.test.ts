import { describe, expect, it } from 'vitest';

import { digitsOf } from './email-field';
import { linkToken } from './link-token';

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
  for (const text of ['123456', ' 123 456 ', '123-456', '１２３４５６']) expect(digitsOf(text), text).toBe('123456');
});
