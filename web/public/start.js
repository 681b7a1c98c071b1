// Runs before the first paint: sets the theme, so that the other one does not flash by, and starts what the page will read
// while the app itself is still loading. A file: the policy allows no inline script. The app takes the answers from
// `ticketshowEarly` (src/api/early.ts) and asks by itself for all that is not there.
(function () {
  // Files of the pages, by the path of the page: filled in by scripts/finish.mjs.
  var PAGES = {};

  function kept(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // Storage is off: follow the system, and take the city with the most shows.
    }
  }
  var wish = kept('ticketshow.theme');
  var dark = wish === 'dark' || (wish !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';

  // Files of each language: filled in by scripts/finish.mjs. The app reads the choice from <html lang> (src/i18n).
  var LANGUAGES = { en: [], hi: [], 'ar-XB': [] };
  var RIGHT_TO_LEFT = /^(ar|fa|he|ks|sd|ur)\b/;
  var asked = new URLSearchParams(location.search).get('lang');
  var language =
    [asked, kept('ticketshow.language')]
      .concat(navigator.languages ?? [])
      .map(function (tag) {
        return tag === 'ar-XB' ? tag : (tag ?? '').toLowerCase().split('-')[0];
      })
      .find(function (tag) {
        return Object.hasOwn(LANGUAGES, tag);
      }) ?? 'en';
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.test(language) ? 'rtl' : 'ltr';

  var parts = location.pathname.split('/').filter(Boolean);
  var page = parts.length > 1 ? parts[0] + '/*' : (parts[0] ?? '');
  LANGUAGES[language].concat(PAGES[page] ?? []).forEach(function (file) {
    var link = document.createElement('link');
    link.rel = 'modulepreload';
    link.href = file;
    document.head.append(link);
  });

  var HEADERS = { Accept: 'application/json', 'Accept-Language': language };
  var early = new Map();
  window.ticketshowEarly = early;
  function ask(path, query, options) {
    var text = new URLSearchParams(query).toString();
    var url = '/api/v1' + path + (text && '?' + text);
    var sent = Date.now();
    var answer = fetch(url, { headers: HEADERS, credentials: 'same-origin', ...options });
    var entry = { sent: sent, answer: answer };
    early.set(url, entry);
    answer.then(
      function () {
        entry.received = Date.now();
      },
      function () {
        early.delete(url);
      },
    );
    return answer
      .then(function (response) {
        return response.clone().json();
      })
      .catch(function () {
        return null;
      });
  }

  var signedIn = kept('ticketshow.signed-in') !== null;
  var refreshed = null;
  if (signedIn && navigator.locks) {
    // Tabs take turns, as in src/api/client.ts.
    refreshed = navigator.locks.request('ticketshow.refresh', function () {
      return ask('/auth/refresh', {}, { method: 'POST' });
    });
  }
  var cities = ask('/cities', { limit: 100 });
  ask('/policy');

  if (page === '' || page === 'shows') {
    var chosen = new URLSearchParams(location.search).get('city') ?? kept('ticketshow.city');
    Promise.resolve(chosen ?? (signedIn ? null : cities.then(busiest))).then(function (city) {
      if (!city || city === 'all') return;
      ask('/shows', { limit: 100, city: city, status: 'active' }).then(function (list) {
        var shows = ((list && list.items) || []).filter(function (show) {
          return show.next_screening_at;
        });
        shows.sort(function (a, b) {
          return Date.parse(a.next_screening_at) - Date.parse(b.next_screening_at);
        });
        // The largest picture: the next film on the home page, the first shows of the list.
        var films = shows.filter(function (show) {
          return !show.genres.includes('Play');
        });
        (page === '' ? [films[0] ?? shows[0]] : shows.slice(0, 2)).forEach(warm);
      });
    });
  } else if (page === 'shows/*') {
    ask('/shows/' + parts[1]).then(warm);
  } else if (page === 'screenings/*') {
    ask('/screenings/' + parts[1]);
    // A signed-in reader's own seats are marked, for which the app has to ask.
    if (!signedIn) ask('/screenings/' + parts[1] + '/seats');
  } else if (page === 'bookings' && refreshed) {
    refreshed.then(function (answer) {
      var token = answer && answer.access_token;
      if (token) {
        var headers = { ...HEADERS, Authorization: 'Bearer ' + token };
        ask('/bookings', { limit: 50 }, { headers: headers });
      }
    });
  }

  function warm(show) {
    if (!show || !show.poster_url) return;
    var link = document.createElement('link');
    link.rel = 'preload';
    link.as = 'image';
    link.fetchPriority = 'high';
    link.href = show.poster_url;
    document.head.append(link);
  }
  function busiest(list) {
    var items = (list && list.items) || [];
    return items.reduce(function (most, one) {
      return most && most.shows >= one.shows ? most : one;
    }, null)?.name;
  }
})();
