// What the pages do beyond links, forms and htmx. Everything here is a comfort: without it each
// action is still a link or a form. It is served in one file with htmx and runs after it.
'use strict';
(() => {
  const { viewer, events, madeAt } = document.body.dataset;
  const touch = matchMedia('(pointer: coarse)').matches;
  const byId = (id) => document.getElementById(id);
  const all = (css) => [...document.querySelectorAll(css)];
  const seconds = (count) => new Promise((resume) => setTimeout(resume, count * 1_000));
  const parse = (html) => Object.assign(document.createElement('template'), { innerHTML: html }).content;
  // Gets, or posts when there is something to post. Without an answer the status is 0.
  const ask = (path, fields) => fetch(path, {
    method: fields ? 'POST' : 'GET', body: fields && new URLSearchParams(fields),
    headers: { 'HX-Request': 'true', 'HX-Current-URL': location.href },
  }).catch(() => Response.error());

  // The server writes times and days in the reader's zone, which it knows by this cookie.
  const zone = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  const isKnown = () => document.cookie.split('; ').includes(zone);
  if (!isKnown()) {
    document.cookie = `${zone}; path=/; max-age=31536000; samesite=lax`;
    if (viewer && isKnown()) location.reload();
  }
  if (!viewer) return;

  // What is kept on this device, for whoever is signed in. When it is full, a text lives as long as its page.
  const recall = (key) => JSON.parse(localStorage.getItem(`${viewer} ${key}`));
  const forget = (key) => localStorage.removeItem(`${viewer} ${key}`);
  const keep = (key, value) => { try { localStorage.setItem(`${viewer} ${key}`, JSON.stringify(value)); } catch { /* Full. */ } };

  // --- Sending ---------------------------------------------------------------------------------
  // What is sent goes into the outbox first, and only then out of the composer. It stays there,
  // and is shown, until the server has it: through a reload, a lost network, an ended session. It
  // is sent in order and with its id, so that however often that happens it is stored once.
  // Each has a key of its own, so that tabs do not write over each other's.
  let outbox = Object.keys(localStorage).filter((key) => key.startsWith(`${viewer} outbox `))
    .map((key) => recall(key.slice(viewer.length + 1))).sort((a, b) => a.at - b.at);
  let sending = false;
  // The name of a blob is a UUID, over plain http too, where crypto.randomUUID is missing.
  const newId = () => URL.createObjectURL(new Blob()).slice(-36);
  const path = (part) => byId('messages').dataset.action.replace(/messages$/, part);
  const isHere = (entry) => byId('composer')?.getAttribute('action') === entry.action;

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.id !== 'composer') return;
    event.preventDefault();
    const { client_id: id, body } = form.elements;
    if (!body.value.trim()) return;
    outbox.push({ id: id.value, action: form.getAttribute('action'), body: body.value, at: Date.now() });
    update(outbox.at(-1));
    id.value = newId();
    write(form, '');
    toEnd();
    send();
  });

  async function send() {
    const next = outbox.find((entry) => !entry.failed);
    if (sending || !next) return;
    sending = true;
    const answer = await ask(next.action, { client_id: next.id, body: next.body });
    const text = await answer.text().catch(() => '');
    // Too fast: those behind it wait too, so that all arrive in their order.
    if (answer.status === 429) await seconds(answer.headers.get('Retry-After') ?? 1);
    sending = false;
    if (answer.status === 401) return void (location.href = answer.headers.get('HX-Redirect') ?? '/login');
    if (answer.ok) { update(next, 'stored'); apply(text); }
    else if (answer.status === 0) update(next, 'Not sent: the server could not be reached.');
    else if (answer.status !== 429) update(next, parse(text).querySelector('.error')?.textContent ?? 'Not sent.');
    send();
  }

  // What became of a text: it is stored, or has failed for this reason, or waits. Shows all that are not stored.
  function update(entry, outcome) {
    entry.failed = outcome;
    if (outcome === 'stored') { outbox = outbox.filter((other) => other !== entry); forget(`outbox ${entry.id}`); }
    else keep(`outbox ${entry.id}`, entry);
    showOutbox();
  }

  function showOutbox() {
    for (const shown of all('#messages .unsent')) shown.remove();
    byId('messages')?.append(...outbox.filter(isHere).map((entry) => {
      const bubble = byId('unsent').content.firstElementChild.cloneNode(true);
      bubble.dataset.clientId = entry.id;
      bubble.classList.add(entry.failed ? 'failed' : 'pending');
      bubble.querySelector('.bubble').append(entry.body);
      bubble.querySelector('.state').append(entry.failed ?? 'Sending…');
      bubble.querySelector('.acts').hidden = !entry.failed;
      return bubble;
    }));
  }

  // What the buttons do: those of an unsent bubble, and the one that leads to the newest.
  const acts = {
    retry(entry) { update(entry); send(); },
    edit(entry) {
      update(entry, 'stored');
      write(byId('composer'), [byId('body').value, entry.body].filter(Boolean).join('\n'));
      byId('body').focus();
    },
    copy(entry, bubble) { getSelection().selectAllChildren(bubble); navigator.clipboard?.writeText(entry.body); },
    latest() { toEnd(); byId('body').focus({ preventScroll: true }); },
  };
  document.addEventListener('click', ({ target }) => {
    const [button, unsent] = [target.closest('[data-act]'), target.closest('.unsent')];
    const entry = outbox.find(({ id }) => id === unsent?.dataset.clientId);
    if (button) acts[button.dataset.act](entry, unsent?.querySelector('.bubble'));
  });

  // --- Composer and keys -----------------------------------------------------------------------
  // What is written is the conversation's draft until it is sent.
  function write(form, text) {
    const [area, draft] = [form.elements.body, `draft ${form.getAttribute('action')}`];
    if (area.value !== text) area.value = text;
    if (text) keep(draft, text); else forget(draft);
  }
  document.addEventListener('input', ({ target }) => { if (target.id === 'body') write(target.form, target.value); });

  document.addEventListener('keydown', (event) => {
    const { key, target, altKey, ctrlKey, metaKey, shiftKey } = event;
    const isField = target.matches('input, textarea');
    if (event.isComposing || event.keyCode === 229) return;
    if (key === 'Enter' && target.id === 'body') {
      // On touch keyboards Enter breaks the line and the button sends.
      if (touch || shiftKey) return;
      target.form.requestSubmit();
    } else if ((key === 'k' && (ctrlKey || metaKey)) || (key === '/' && !isField)) byId('q').select();
    else if (altKey && (key === 'ArrowUp' || key === 'ArrowDown')) {
      const links = all('#conversations .entry');
      links[links.findIndex((link) => link.ariaCurrent) + (key === 'ArrowDown' ? 1 : -1)]?.click();
    } else if (key === '?' && !isField) byId('shortcuts').togglePopover();
    else if (key === 'Escape' && target.id !== 'q' && !all(':popover-open').length) all('.back')[0]?.click();
    else return;
    event.preventDefault();
  });

  // --- Reading ---------------------------------------------------------------------------------
  const history = () => document.querySelector('.history');
  const isAway = () => Math.abs(history()?.scrollTop ?? 0) > 40;
  const toEnd = () => { history().scrollTop = 0; };
  let missed = 0;

  // A conversation counts as read while its end can be seen, by somebody who looks.
  async function look() {
    const [list, button] = [byId('messages'), byId('latest')];
    if (!button) return;
    if (!isAway()) missed = 0;
    button.hidden = !isAway();
    button.textContent = missed ? `${missed} new ↓` : 'Newest ↓';
    const [seq, before] = [all('#messages .theirs').at(-1)?.dataset.seq ?? 0, list.dataset.read];
    if (isAway() || document.visibilityState !== 'visible' || +seq <= +before) return;
    list.dataset.read = seq;
    // The stream tells every page of the reader's, this one too, what is unread now.
    if ((await ask(path('read'), { seq })).ok) byId('mark-read')?.remove(); else list.dataset.read = before;
  }
  document.addEventListener('visibilitychange', look);
  document.addEventListener('scroll', look, { capture: true, passive: true });

  // What the inbox shows has come. The last of a burst says it for those before it, as does reading.
  async function markDelivered() {
    for (const entry of all('#conversations [data-arrived]')) {
      const [seq, to, list] = [entry.dataset.arrived, entry.querySelector('a').getAttribute('href'), byId('messages')];
      delete entry.dataset.arrived;
      const isRead = list?.dataset.action === `${to}/messages` && +list.dataset.read >= +seq;
      if (!isRead) await ask(`${to}/delivered`, { seq });
    }
  }

  // --- What changes ----------------------------------------------------------------------------
  // Answers, the stream and a look back bring the same templates; each may come more than once.
  function apply(html) {
    const parts = [...parse(html).children];
    for (const part of parts) changes[part.dataset.for]?.(part, part.content.firstElementChild);
    settle();
    return parts.filter((part) => part.dataset.for === 'messages').length;
  }

  const isShown = (part) => all('#messages:not([data-newer])')[0]?.dataset.with === part.dataset.with;
  let typing = 0;
  const changes = {
    messages(part, bubble) {
      const sent = outbox.find(({ id }) => id === bubble.dataset.clientId);
      if (sent) update(sent, 'stored');
      if (!isShown(part) || byId(bubble.id)) return;
      const [height, wasAway] = [history().scrollHeight, isAway()];
      const earlier = all('#messages [data-seq]').findLast((other) => +other.dataset.seq < +bubble.dataset.seq);
      if (earlier) earlier.after(bubble); else byId('messages').prepend(bubble);
      byId('no-messages')?.remove();
      // The list is anchored at its end: who reads further up stays where they are.
      if (wasAway) history().scrollTop -= history().scrollHeight - height;
      if (bubble.matches('.mine')) return;
      if (wasAway) missed += 1;
      byId('typing').hidden = true;
      byId('arrivals').append(bubble.querySelector('.bubble').cloneNode(true));
    },
    entry(part, entry) {
      const [there, moves] = [byId(entry.id), 'moves' in part.dataset];
      const hadFocus = there?.contains(document.activeElement);
      if (moves) { there?.remove(); byId('conversations').prepend(entry); } else there?.replaceWith(entry);
      all('#inbox .empty')[0]?.remove();
      htmx.process(entry);
      if (hadFocus) entry.querySelector('a').focus();
    },
    reached(part) {
      for (const receipt of isShown(part) ? all('#messages [data-seq] .receipt:not(.read)') : []) {
        const seq = +receipt.closest('li').dataset.seq;
        if (seq <= +part.dataset.read) Object.assign(receipt, { className: 'receipt read', textContent: 'Read' });
        else if (seq <= +part.dataset.delivered) Object.assign(receipt, { className: 'receipt delivered', textContent: 'Delivered' });
      }
    },
    presence(part, presence) {
      const shown = all('.presence').filter((shown) => shown.dataset.of === presence.dataset.of);
      for (const old of shown) old.replaceWith(presence.cloneNode(true));
    },
    typing(part) {
      if (isShown(part)) byId('typing').hidden = false;
      clearTimeout(typing);
      typing = setTimeout(() => byId('typing')?.setAttribute('hidden', ''), 5_000);
    },
  };

  // --- Panes -----------------------------------------------------------------------------------
  function settle() {
    const [form, q] = [byId('composer'), byId('q')];
    if (form && !form.dataset.ready) {
      form.dataset.ready = 'yes';
      write(form, form.elements.body.value || recall(`draft ${form.getAttribute('action')}`) || '');
      showOutbox();
      if (!location.hash) byId('unread')?.scrollIntoView({ block: 'nearest' });
      if (!touch) form.elements.body.focus({ preventScroll: true });
      catchUp();
      markDelivered();
    }
    if (q !== document.activeElement && location.pathname !== q.form.getAttribute('action')) q.value = '';
    for (const link of all('.sidebar a[href]')) link.ariaCurrent = link.getAttribute('href') === location.pathname ? 'page' : null;
    const unread = all('#conversations .unread').reduce((sum, shown) => sum + parseInt(shown.textContent, 10), 0);
    document.title = (unread ? `(${unread}) ` : '') + document.title.replace(/^\(\d+\) /, '');
    look();
    send();
  }
  const say = (text) => Object.assign(byId('notice'), { textContent: text, hidden: !text });
  document.addEventListener('htmx:before:request', () => say(''));
  document.addEventListener('htmx:error', () => say('The server could not be reached.'));
  document.addEventListener('htmx:response:error', ({ detail: { ctx: { response: { status } } } }) => {
    if (status === 429 || status >= 500) say(`${status === 429 ? 'Too many at once' : 'Something went wrong'}. Please try again in a moment.`);
  });
  document.addEventListener('htmx:after:swap', () => {
    settle();
    // Whose link is gone goes on where it led to.
    if (document.activeElement === document.body) (history() ?? byId('main')).focus({ preventScroll: true });
  });

  // --- The stream ------------------------------------------------------------------------------
  // One tab of a browser holds it and tells the others, so that any number of tabs needs one
  // connection; when it goes, the next one takes over from the last event it was handed.
  let [cursor, arrivals, offline] = [madeAt, 0, 0];
  const tabs = new BroadcastChannel(`live ${viewer}`);
  tabs.onmessage = ({ data }) => take(data);
  const tell = (told) => { take(told); tabs.postMessage(told); };

  function connect() {
    const source = new EventSource(`${events}?after=${cursor}`);
    let lastSign = Date.now();
    const again = (delay) => { clearInterval(watch); source.close(); setTimeout(connect, delay); };
    // A connection can die without a word: the server's pings, every 15 s, are missed then.
    const watch = setInterval(() => { if (Date.now() - lastSign > 40_000) again(0); }, 5_000);
    for (const name of ['message', 'ping', 'reload', 'restart', 'session-ended']) {
      source.addEventListener(name, ({ data, lastEventId }) => {
        lastSign = Date.now();
        tell({ name, data, cursor: lastEventId });
        // The tab with the stream says for all of them what has come.
        if (name === 'message') { clearTimeout(arrivals); arrivals = setTimeout(markDelivered, 250); }
        if (name === 'restart') again(500 + 1_000 * Math.random());
        if (name === 'session-ended') { clearInterval(watch); source.close(); }
      });
    }
    source.onopen = () => tell({ name: 'online' });
    // The browser tries again by itself, unless it was refused.
    source.onerror = () => { tell({ name: 'offline' }); if (source.readyState === EventSource.CLOSED) again(3_000); };
  }

  function take(told) {
    cursor = told.cursor ?? cursor;
    if (told.name === 'message') apply(told.data);
    if (told.name === 'reload') renew();
    if (told.name === 'session-ended') location.href = `/login?next=${encodeURIComponent(location.pathname)}`;
    if (told.name === 'offline') offline ||= setTimeout(() => { byId('offline').hidden = false; }, 5_000);
    if (told.name !== 'online') return;
    if (offline) catchUp();
    offline = clearTimeout(offline);
    byId('offline').hidden = true;
  }

  // What is new since the pane was made: messages, how far the other one is, and whether they are
  // here. Asked once a pane, after an outage, and twice a minute by whoever looks, so that
  // nothing that got lost on its way stays so. A new day moves "Today", so the pane comes anew.
  async function catchUp() {
    const list = byId('messages');
    if (!list || 'newer' in list.dataset) return;
    const answer = await ask(`${list.dataset.action}?after=${all('#messages [data-seq]').at(-1)?.dataset.seq ?? 0}`);
    const news = answer.ok ? await answer.text().catch(() => '') : '';
    if (byId('messages') === list && apply(news) === 50) await catchUp();
  }
  const renew = () => htmx.ajax('GET', location.pathname + location.search, { target: '#main' });
  let today = new Date().getDate();
  setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    if (new Date().getDate() === today) catchUp(); else renew();
    today = new Date().getDate();
  }, 30_000);

  settle();
  if (navigator.locks) navigator.locks.request(`live ${viewer}`, () => { connect(); return new Promise(() => {}); });
  else connect();
})();
