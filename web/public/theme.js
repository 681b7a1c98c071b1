// Runs before the first paint, so that nobody sees the other theme flash by. A file: the policy allows no inline script.
(function () {
  var wish = null;
  try {
    wish = localStorage.getItem('ticketshow.theme');
  } catch {
    /* storage is off: follow the system */
  }
  var dark = wish === 'dark' || (wish !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
