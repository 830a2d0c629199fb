// Runs before the first paint, so that a dark room never sees a white flash. Kept outside the bundle because a strict CSP forbids inline scripts.
(function () {
  var choice = 'system';
  try {
    choice = localStorage.getItem('trellis.theme') || 'system';
  } catch {
    // Storage may be blocked; the system's wish then decides.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
})();
