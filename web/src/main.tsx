import './styles.css';

import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';

import { policy } from './api/policy';
import { followConnection, queryClient, wholeList } from './api/queries';
import { currentUser, onSessionChange } from './api/session/session';
import { resume } from './api/session/use-session';
import { keepInstallOffer } from './booking/tickets/install';
import { keepFocus } from './design/kept-focus';
import { followSystem } from './design/theme';
import { firstData } from './first-data';
import { keepLanguageOfAccounts } from './i18n/account-language';
import { loadTexts } from './i18n/language';
import { router } from './routes';

followSystem();
followConnection();
keepInstallOffer();
keepFocus(document);
// Tickets are to open without a network. A guest has none, and needs no worker.
onSessionChange(() => {
  if (currentUser() !== null && 'serviceWorker' in navigator)
    void navigator.serviceWorker.register('/sw.js').catch(() => undefined);
});
const texts = loadTexts();
keepLanguageOfAccounts();
void resume();
// Nearly every page needs the city, and the digits of the currency, so they are fetched while the page itself is loading.
void queryClient.prefetchQuery(wholeList('/cities'));
void queryClient.prefetchQuery(policy);

const root = document.getElementById('root');

function show(): void {
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

/** Renders the app once its first page is there, so that this happens once: until then the frame in index.html stays. */
function showFirstPage(): void {
  if (router.state.initialized) {
    show();
    return;
  }
  const stop = router.subscribe(({ initialized }) => {
    if (!initialized) return;
    stop();
    show();
  });
}

void Promise.all([texts, firstData(window.location.pathname)]).then(showFirstPage);
