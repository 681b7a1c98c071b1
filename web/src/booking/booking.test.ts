import { describe, expect, it } from 'vitest';

import { paymentPage } from './left';

describe("the provider's page", () => {
  it('is opened over HTTPS', () => {
    expect(paymentPage('https://checkout.example.com/s/1?a=b', 'https:')).toBe('https://checkout.example.com/s/1?a=b');
  });

  it('is opened over HTTP only from a page that is itself served so', () => {
    expect(paymentPage('http://localhost:4242/pay/1', 'http:')).toBe('http://localhost:4242/pay/1');
    expect(paymentPage('http://localhost:4242/pay/1', 'https:')).toBeNull();
  });

  it('is never a script or another address that does not lead to a page', () => {
    for (const address of [
      'javascript:alert(1)',
      ' JavaScript:alert(1)',
      'data:text/html,x',
      'file:///etc',
      '/x',
      '',
      null,
    ])
      expect(paymentPage(address, 'http:'), String(address)).toBeNull();
  });
});
