// Keeps the app and the pages with tickets on the device, so that they open without a network, as in the basement of a
// theatre. With a network, pages come from the server as ever. The tickets themselves are kept by src/api/session/kept.ts.

// Files of the app and a name that changes with them: filled in by scripts/finish.mjs.
const FILES = [];
const VERSION = 'none';

const CACHE = `ticketshow.app.${VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  const outdated = (name) => name.startsWith('ticketshow.app.') && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(outdated).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate' && !pathname.startsWith('/api/')) {
    event.respondWith(fetch(request).catch(() => caches.match('/')));
  } else if (pathname.startsWith('/assets/')) {
    // Their names change with their contents.
    event.respondWith(caches.match(pathname).then((kept) => kept ?? fetch(request)));
  } else if (FILES.includes(pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(pathname)));
  }
});
