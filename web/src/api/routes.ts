/**
 * Types that tie a path to its parameters, body and answer, all from the OpenAPI document. A path is written as it is
 * called: `/bookings/${id}` stands for `/bookings/{id}`.
 */

import type { paths } from './schema';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

type Template<P> = P extends `${infer Head}{${string}}${infer Tail}` ? `${Head}${string}${Template<Tail>}` : P;
type Documented<M extends Method> = {
  [K in keyof paths]: paths[K] extends Record<M, object> ? K : never;
}[keyof paths];

type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** Documented path that `P` calls: `/bookings/${string}` is not `/bookings/${string}/history`. */
type KeyOf<M extends Method, P> = P extends string
  ? { [K in Documented<M>]: Equal<`/api/v1${P}`, Template<K>> extends true ? K : never }[Documented<M>]
  : never;
type Operation<M extends Method, P> =
  KeyOf<M, P> extends infer K extends keyof paths ? paths[K][M & keyof paths[K]] : never;

/** Paths that can be called with `M`. */
export type PathOf<M extends Method> = Template<Documented<M>> extends `/api/v1${infer P}` ? P : never;

type Json<R> = R extends { content: { 'application/json': infer T } } ? T : undefined;
type Successes<R> = { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? Json<R[S]> : never }[keyof R];
export type Answer<M extends Method, P> = Operation<M, P> extends { responses: infer R } ? Successes<R> : never;

/** An empty or missing parameter is left out. Choices come from form fields and addresses, so any string will do. */
type Loose<Q> = { [N in keyof Q]?: Q[N] | (Q[N] extends string | undefined ? string : never) | null | undefined };
export type QueryOf<M extends Method, P> =
  Operation<M, P> extends { parameters: { query?: infer Q } } ? Loose<NonNullable<Q>> : never;

type JsonBody<B> = B extends { content: { 'application/json': infer T } } ? T : never;
/** The `body` member of a call: required, optional or absent, as documented. */
export type WithBody<M extends Method, P> =
  Operation<M, P> extends { requestBody: infer B }
    ? { body: JsonBody<B> }
    : Operation<M, P> extends { requestBody?: infer B }
      ? { body?: JsonBody<NonNullable<B>> }
      : never;

/** Item of a paged list. */
export type ItemOf<P> = Answer<'get', P> extends { items: (infer T)[] } ? T : never;
