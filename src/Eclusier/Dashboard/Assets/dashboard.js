// Keeps a page up to date. Without it every page works, and is loaded again by hand.
'use strict';
(() => {
  const stack = document.body.dataset.stack;
  const eventsPath = document.body.dataset.events;
  const live = document.getElementById('live');
  const lines = document.getElementById('lines');
  const mostLines = 500;
  const fewLines = 5; // of a stack that nothing is done to

  // what the server would say now takes the place of what it said before, part by part
  let refreshing = false;
  let again = false;
  async function refresh() {
    if (refreshing) { again = true; return; }
    refreshing = true;
    try {
      const answer = await fetch(location.href, { credentials: 'same-origin', redirect: 'manual', cache: 'no-store' });
      if (answer.type === 'opaqueredirect' || answer.status === 401) { location.reload(); return; }
      if (answer.ok) { take(new DOMParser().parseFromString(await answer.text(), 'text/html')); }
    } catch { say('off', 'Not connected'); }
    finally {
      refreshing = false;
      if (again) { again = false; soon(); }
    }
  }
  let waiting = 0;
  function soon() {
    waiting ||= setTimeout(() => { waiting = 0; refresh(); }, 250);
  }
  function take(fresh) {
    age(document);
    age(fresh); // a part that only grew older is left alone, with what is selected in it
    for (const part of document.querySelectorAll('[data-part]')) {
      const other = fresh.getElementById(part.id);
      if (!other) { continue; }
      part.hidden = other.hidden;
      if (part.innerHTML === other.innerHTML) { continue; }
      const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
      part.replaceChildren(...document.adoptNode(other).childNodes);
      if (focused) { [...part.querySelectorAll('a')].find((link) => link.getAttribute('href') === focused)?.focus(); }
    }
    reveal();
  }
  function reveal() {
    if (lines && lines.hidden && !document.getElementById('progress').hidden) {
      lines.hidden = false;
      lines.scrollTop = lines.scrollHeight;
    }
  }

  // events: what is done, and that something changed
  let source = null;
  function connect() {
    if (!eventsPath || source || document.hidden) { return; }
    source = new EventSource(eventsPath);
    let wasLost = false;
    source.addEventListener('open', () => { say('on', 'Live'); if (wasLost) { soon(); } wasLost = false; });
    source.addEventListener('error', () => {
      wasLost = true;
      say('off', 'Not connected');
      if (source && source.readyState === EventSource.CLOSED) { disconnect(); setTimeout(connect, 5000); }
    });
    source.addEventListener('status', soon);
    source.addEventListener('progress', (event) => {
      const line = JSON.parse(event.data);
      if (lines && line.stack === stack) { show(lines, line.at, line.message, line.level); }
    });
  }
  function disconnect() {
    source?.close();
    source = null;
  }
  function say(state, text) {
    if (live && live.textContent !== text) { live.className = `live ${state}`; live.textContent = text; }
  }
  function show(list, at, text, kind, who) {
    const below = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    const line = document.createElement('p');
    const time = document.createElement('time');
    time.dateTime = at;
    time.textContent = new Date(at).toISOString().slice(11, 19);
    line.append(time, ' ');
    if (who) {
      const name = document.createElement('b');
      name.textContent = who;
      line.append(name, ' ');
    }
    line.append(text);
    line.className = kind;
    list.append(line);
    while (list.childElementCount > (list.hidden ? fewLines : mostLines)) { list.firstElementChild.remove(); }
    if (below) { list.scrollTop = list.scrollHeight; }
  }

  // the ages of things grow while one looks
  const units = [[86400 * 2, 86400, ' days'], [3600, 3600, ' h'], [60, 60, ' min'], [0, 1, ' s']];
  function age(root) {
    for (const time of root.querySelectorAll('time[data-ago]')) {
      const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
      const [, size, unit] = units.find(([least]) => Math.abs(seconds) >= least);
      const rough = Math.trunc(Math.abs(seconds) / size) + unit;
      time.textContent = Math.abs(seconds) < 1 ? 'now' : seconds > 0 ? `${rough} ago` : `in ${rough}`;
    }
  }
  setInterval(() => age(document), 5000);

  reveal();
  if (eventsPath) {
    connect();
    setInterval(() => { if (!document.hidden) { soon(); } }, 30000);
    setInterval(() => { if (document.querySelector('[data-pending]')) { soon(); } }, 2000); // the end of a request is no event
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) { disconnect(); } else { connect(); soon(); }
    });
    addEventListener('pagehide', disconnect);
  }

  // log lines as they come
  const follow = document.getElementById('follow');
  const log = document.getElementById('log');
  if (follow && log) {
    follow.hidden = false;
    log.scrollTop = log.scrollHeight;
    let ending = null;
    follow.addEventListener('click', async () => {
      if (ending) { ending.abort(); return; }
      ending = new AbortController();
      follow.setAttribute('aria-pressed', 'true');
      log.setAttribute('aria-live', 'polite');
      try {
        const answer = await fetch(follow.dataset.logs, { credentials: 'same-origin', signal: ending.signal });
        if (!answer.ok) { throw new Error(`the daemon answered ${answer.status}`); }
        await read(answer.body.pipeThrough(new TextDecoderStream()).getReader());
        show(log, new Date().toISOString(), 'the log has ended', 'own', 'eclusier');
      } catch (error) {
        if (error.name !== 'AbortError') { show(log, new Date().toISOString(), `no longer followed: ${error.message}`, 'own', 'eclusier'); }
      }
      ending = null;
      follow.setAttribute('aria-pressed', 'false');
      log.setAttribute('aria-live', 'off');
    });
    const read = async (reader) => {
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) { return; }
        const whole = (rest + value).split('\n');
        rest = whole.pop();
        for (const text of whole.filter((line) => line)) {
          const { log: entry, error } = JSON.parse(text);
          if (error) { throw new Error(error.message); }
          if (entry) { show(log, entry.at, entry.text, entry.source === 'eclusier' ? 'own' : '', entry.source); }
        }
      }
    };
  }
})();
