/** Routes of the app. Each page is its own chunk, and a page that fails leaves the frame around it intact. */

import type { ComponentType } from 'react';
import { createBrowserRouter, type RouteObject } from 'react-router';

import { loadWorkTexts } from './i18n/language';
import type { Part } from './i18n/work/texts';
import { Shell } from './shell';
import { PageFailed, PageMissing } from './pages/page-failed';

type Page = () => Promise<{ default: ComponentType }>;

/** Loads a page with its part of the texts of work. One that cannot be loaded is replaced by a page that says so, until the document is loaded again. */
async function loaded(load: Page, texts?: Part): Promise<{ Component: ComponentType }> {
  try {
    const [page] = await Promise.all([load(), texts && loadWorkTexts(texts)]);
    return { Component: page.default };
  } catch {
    return { Component: PageMissing };
  }
}

function page(path: string, load: Page, texts?: Part): RouteObject {
  return { path, lazy: () => loaded(load, texts), errorElement: <PageFailed /> };
}

export const router = createBrowserRouter([
  {
    path: '/',
    element: <Shell />,
    errorElement: <PageFailed />,
    children: [
      {
        index: true,
        lazy: () => loaded(() => import('./pages/home')),
        errorElement: <PageFailed />,
      },
      page('search', () => import('./pages/search')),
      page('shows', () => import('./pages/shows')),
      page('shows/:id', () => import('./pages/show')),
      page('venues', () => import('./pages/venues')),
      page('venues/:id', () => import('./pages/venue')),
      page('screenings/:id', () => import('./pages/seats')),
      page('checkout/:id', () => import('./pages/checkout')),
      page('payments/return', () => import('./pages/payment-return')),
      page('bookings', () => import('./pages/bookings')),
      page('bookings/:id', () => import('./pages/booking')),
      page('bookings/:id/move', () => import('./pages/move')),
      page('shared', () => import('./pages/shared')),
      page('wallet', () => import('./pages/account/wallet')),
      page('profile', () => import('./pages/account/profile')),
      page('sign-in', () => import('./pages/account/sign-in')),
      page('forgotten', () => import('./pages/account/forgotten')),
      page('verify', () => import('./pages/account/verify')),
      page('reset', () => import('./pages/account/reset')),
      page('reminders', () => import('./pages/account/reminders')),
      page('check-in', () => import('./door/page'), 'door'),
      {
        path: 'admin',
        lazy: () => loaded(() => import('./admin/frame'), 'house'),
        errorElement: <PageFailed />,
        children: [
          {
            index: true,
            lazy: () => loaded(() => import('./admin/dashboard'), 'office'),
            errorElement: <PageFailed />,
          },
          page('box-office', () => import('./admin/counter/box-office')),
          page('desk', () => import('./admin/desk/desk')),
          page('desk/:id', () => import('./admin/desk/booking')),
          page('desk/:id/move', () => import('./admin/desk/move')),
          page('screenings/:id', () => import('./admin/counter/screening-desk'), 'programme'),
          page('shows', () => import('./admin/catalogue/shows'), 'programme'),
          page('shows/:id', () => import('./admin/catalogue/show'), 'programme'),
          page('venues', () => import('./admin/catalogue/venues'), 'programme'),
          page('venues/:id', () => import('./admin/catalogue/venue'), 'programme'),
          page('screens/:id', () => import('./admin/catalogue/screen'), 'programme'),
          page('venues/:id/screens/new', () => import('./admin/catalogue/screen'), 'programme'),
          page('schedule', () => import('./admin/schedule/schedule'), 'programme'),
          page('cascades', () => import('./admin/system/cascades'), 'office'),
          page('cascades/:id', () => import('./admin/system/cascade'), 'office'),
          page('money', () => import('./admin/money/money'), 'office'),
          page('promotions', () => import('./admin/promotions/promotions'), 'office'),
          page('mails', () => import('./admin/system/mails'), 'office'),
          page('people', () => import('./admin/people/people'), 'office'),
          page('people/:id', () => import('./admin/people/person'), 'office'),
          page('audit', () => import('./admin/people/audit'), 'office'),
          page('system', () => import('./admin/system/system'), 'office'),
          page('history', () => import('./admin/system/history'), 'office'),
          page('time-travel/:id', () => import('./admin/system/time-travel'), 'office'),
        ],
      },
      page('*', () => import('./pages/not-found')),
    ],
  },
]);
