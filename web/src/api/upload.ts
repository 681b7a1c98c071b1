/** Uploads with progress. `fetch` reports none, so this file uses XMLHttpRequest. */

import { address, withToken } from './client';
import { learnConnection } from './connection';
import { learnPosition } from './position';
import { Problem } from './problem';

/** Uploads a file with PUT; `onShare` receives the share sent so far, 0 to 1. */
export function upload<T>(path: string, file: File, onShare: (share: number) => void): Promise<T> {
  return withToken((token) => put<T>(path, file, token, onShare));
}

function put<T>(path: string, file: File, token: string | null, onShare: (share: number) => void): Promise<T> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('PUT', address(path));
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Content-Type', file.type);
    if (token) request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => {
      if (total > 0) onShare(loaded / total);
    };
    request.onerror = () => {
      learnConnection(false);
      failed(Problem.unreachable());
    };
    request.onabort = () => {
      failed(Problem.unreachable());
    };
    request.onload = () => {
      learnConnection(true);
      learnPosition(request.getResponseHeader('Stream-Position'), Date.now());
      if (request.status >= 200 && request.status < 300) {
        done((request.responseText === '' ? undefined : JSON.parse(request.responseText)) as T);
        return;
      }
      const headers = new Headers();
      for (const name of ['Content-Type', 'Retry-After']) headers.set(name, request.getResponseHeader(name) ?? '');
      Problem.of(new Response(request.responseText, { status: request.status, headers })).then(failed, failed);
    };
    request.send(file);
  });
}
