/**
 * Routes that `openapi.json` lacks, or describes without a field, in the shape that openapi-typescript generates. Each one
 * goes as soon as the document has it.
 */

import type { paths } from './schema';

export interface ComingPaths {
  // The document leaves the password out of the body.
  '/api/v1/auth/register': {
    post: {
      requestBody: {
        content: { 'application/json': { email: string; password: string; name: string; city?: string | null } };
      };
      responses: { 202: { content?: never } };
    };
  };
  '/api/v1/me': Omit<paths['/api/v1/me'], 'delete'> & {
    delete: {
      requestBody: { content: { 'application/json': { password: string } | { code: string } } };
      responses: { 202: { content?: never } };
    };
  };
}
