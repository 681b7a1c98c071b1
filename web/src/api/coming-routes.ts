/**
 * Routes of "Accounts and safety" that `openapi.json` does not have yet, in the shape that openapi-typescript generates.
 * Each one goes as soon as the document has it.
 */

import type { components, paths } from './schema';

type Schemas = components['schemas'];
interface Sent<T> {
  content: { 'application/json': T };
}
type Command<Body, Success extends number, T = undefined> = {
  parameters: object;
  responses: Record<Success, T extends undefined ? { content?: never } : Sent<T>>;
} & (Body extends undefined ? { requestBody?: never } : { requestBody: Sent<Body> });

/** A password or a mailed code, and the second factor of an account that has one. */
interface Login {
  email: string;
  password?: string;
  code?: string;
  challenge?: string;
  otp?: string;
  recovery_code?: string;
}

export interface SecondFactorSetUp {
  secret: string;
  otpauth_url: string;
  recovery_codes: string[];
}

/** An act of the security log. */
export interface Act {
  audit_id: string;
  at: string;
  /** Method and route: `PUT /admin/accounts/{user_id}/role`. */
  action: string;
  /** The path with its ids. */
  target: string;
  /** Null if nobody was signed in. */
  actor: { user_id: string; role: Schemas['Role'] | null; name: string | null; email: string | null } | null;
  network: string;
  /** `done`, or the slug of the problem. */
  outcome: string;
}

/** A customer with unpaid seats of a screening. */
export interface Holder {
  customer: Schemas['Customer'];
  seats: number;
  holds: number;
  paying: number;
  lapsed: number;
  held_until: string;
}

/** Answers that have members that `openapi.json` does not have yet. */
export type MeWithFactor = Schemas['Me'] & { second_factor?: boolean };
export type AccountWithState = Schemas['AccountEntry'] & { disabled?: boolean; disabled_reason?: string | null };

export interface ComingPaths {
  '/api/v1/auth/register': {
    // 201 with the account by an API without verified addresses, else 202 whether or not there is an account.
    post: {
      parameters: object;
      requestBody: Sent<{ email: string; password: string; name: string; city?: string }>;
      responses: { 201: Sent<Schemas['Person']>; 202: { content?: never } };
    };
  };
  '/api/v1/auth/verify': { post: Command<{ token: string } | { email: string; code: string }, 204> };
  '/api/v1/auth/login': { post: Command<Login, 200, Schemas['SignedIn']> };
  '/api/v1/auth/code': { post: Command<{ email: string }, 202> };
  '/api/v1/auth/code/login': { post: Command<Login, 200, Schemas['SignedIn']> };
  '/api/v1/auth/confirm': { post: Command<{ password: string } | { otp: string }, 204> };
  '/api/v1/me': Omit<paths['/api/v1/me'], 'delete'> & {
    delete: Command<{ password: string } | { code: string }, 202>;
  };
  '/api/v1/me/second-factor': {
    post: Command<undefined, 201, SecondFactorSetUp>;
    delete: Command<undefined, 204>;
  };
  '/api/v1/me/second-factor/confirm': { post: Command<{ otp: string }, 204> };
  '/api/v1/admin/wallets/{user_id}/credits': {
    // 202: a second administrator has to approve the credit first.
    post: {
      parameters: object;
      requestBody: Sent<{ amount: Schemas['Money']; reason: string }>;
      responses: { 201: Sent<{ balance_after: Schemas['Money'] }>; 202: Sent<{ credit_id: string; status: string }> };
    };
  };
  '/api/v1/admin/wallets/{user_id}/credits/{credit_id}/approval': { post: Command<undefined, 200, object> };
  '/api/v1/check-ins': {
    post: Command<{ code: string; screening_id?: string }, 200, Schemas['CheckedIn'] & { check_in_id?: string }>;
  };
  '/api/v1/check-ins/{id}': { delete: Command<undefined, 204> };
  '/api/v1/admin/accounts/{user_id}/state': { put: Command<{ disabled: boolean; reason?: string }, 204> };
  '/api/v1/admin/accounts/{user_id}/sessions': { delete: Command<undefined, 204> };
  '/api/v1/admin/audit': {
    get: {
      parameters: {
        query?: { actor?: string; action?: string; from?: string; to?: string; limit?: number; cursor?: string };
      };
      responses: { 200: Sent<{ items: Act[]; next_cursor?: string | null }> };
    };
  };
  '/api/v1/admin/screenings/{id}/holders': {
    get: {
      parameters: { query?: never };
      responses: { 200: Sent<{ screening_id: string; items: Holder[] }> };
    };
  };
  '/api/v1/admin/screenings/{id}/holders/{user_id}/release': {
    post: Command<undefined, 200, { bookings: string[] }>;
  };
}
