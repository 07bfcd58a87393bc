// What the pages do beyond links, forms and htmx. Everything here is a comfort: without it each
// action is still a link or a form. It is served in one file with htmx and runs after it.
'use strict';
(() => {
  const { viewer, events, madeAt } = document.body.dataset;
  const byId = (id) => document.getElementById(id);
  const all = (css) => [...document.querySelectorAll(css)];
  const on = (type, act) => document.addEventListener(type, act, { capture: type === 'scroll' });
  const touch = matchMedia('(pointer: coarse)').matches;
  const parse = (html) => Object.assign(document.createElement('template'), { innerHTML: html }).content;
  const signIn = () => { location.href = `/login?next=${encodeURIComponent(location.pathname)}`; };
  // Gets, or posts when there is something to post. Without an answer the status is 0: a connection can
  // die without a word, so nothing waits for ever, only longer than the server takes to give up.
  const posting = (fields) => fields && { method: 'POST', body: new URLSearchParams(fields) };
  const asHtmx = () => ({ headers: { 'HX-Request': 'true' }, signal: AbortSignal.timeout(25_000) });
  const ask = (path, fields) => fetch(path, { ...asHtmx(), ...posting(fields) }).catch(() => Response.error());

  // The server writes times and days in the reader's zone, which it knows by this cookie.
  const zone = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  if (!document.cookie.split('; ').includes(zone)) {
    document.cookie = `${zone}; path=/; max-age=31536000; samesite=lax`;
    if (viewer) location.reload();
  }
  if (!viewer) return;

  // What is kept on this device, for whoever is signed in. When it is full, a text lives as long as its page.
  const recall = (key) => JSON.parse(localStorage.getItem(`${viewer} ${key}`));
  const forget = (key) => localStorage.removeItem(`${viewer} ${key}`);
  const keep = (key, value) => { try { localStorage.setItem(`${viewer} ${key}`, JSON.stringify(value)); } catch { /* Full. */ } };

  // --- Sending: what is sent goes into the outbox first, and only then out of the composer. It stays
  // there, and is shown, until the server has it: through a reload, a lost network, an ended session.
  // It is sent in order and with its id, so that however often that happens it is stored once. Each
  // has a key of its own, so that tabs do not write over each other's.
  let outbox = Object.keys(localStorage).filter((key) => key.startsWith(`${viewer} outbox `))
    .map((key) => recall(key.slice(viewer.length + 1))).sort((a, b) => a.at - b.at);
  let sending = false;
  const isHere = ({ action }) => byId('composer')?.getAttribute('action') === action;

  on('submit', (event) => {
    const form = event.target;
    if (form.id !== 'composer') return;
    event.preventDefault();
    const { client_id: id, body } = form.elements;
    if (!body.value.trim()) return;
    update({ id: id.value, action: form.getAttribute('action'), body: body.value, at: Date.now() });
    // The name of a blob is a UUID, over plain http too, where crypto.randomUUID is missing.
    id.value = URL.createObjectURL(new Blob()).slice(-36);
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
    const pause = answer.status === 429 ? answer.headers.get('Retry-After') ?? 1 : 0;
    const reason = answer.status ? parse(text).querySelector('.error')?.textContent : 'Not sent: the server could not be reached.';
    if (answer.status === 401) return signIn();
    if (answer.ok) { update(next, 'stored'); apply(text); } else if (!pause) update(next, reason ?? 'Not sent.');
    setTimeout(() => { sending = false; send(); }, pause * 1_000);
  }

  // It waits, has failed for this reason, or is stored.
  function update(entry, outcome) {
    outbox = [...outbox.filter((other) => other !== entry), ...(outcome === 'stored' ? [] : [entry])].sort((a, b) => a.at - b.at);
    entry.failed = outcome;
    if (outcome === 'stored') forget(`outbox ${entry.id}`); else keep(`outbox ${entry.id}`, entry);
    showOutbox();
  }

  function showOutbox() {
    for (const shown of all('#messages .unsent')) shown.remove();
    for (const { id, body, failed } of outbox.filter(isHere)) {
      const bubble = byId('unsent').content.firstElementChild.cloneNode(true);
      bubble.dataset.clientId = id;
      bubble.classList.add(failed ? 'failed' : 'pending');
      bubble.querySelector('.bubble').append(body);
      bubble.querySelector('.state').append(failed ?? 'Sending…');
      bubble.querySelector('.acts').hidden = !failed;
      byId('messages').append(bubble);
    }
  }

  // What the buttons do: those of an unsent bubble, and the one that leads to the newest.
  const acts = {
    retry(entry) { update(entry); send(); },
    copy(entry, bubble) { getSelection().selectAllChildren(bubble); navigator.clipboard?.writeText(entry.body); },
    edit(entry) {
      update(entry, 'stored');
      write(byId('composer'), [byId('body').value, entry.body].filter(Boolean).join('\n'));
      byId('body').focus();
    },
    latest() { toEnd(); byId('body').focus({ preventScroll: true }); },
  };
  on('click', ({ target }) => {
    const [button, unsent] = [target.closest('[data-act]'), target.closest('.unsent')];
    const entry = outbox.find(({ id }) => id === unsent?.dataset.clientId);
    if (button) acts[button.dataset.act](entry, unsent?.querySelector('.bubble'));
  });

  // --- Composer and keys: what is written is the conversation's draft until it is sent -----------
  function write(form, text) {
    const [area, draft] = [form.elements.body, `draft ${form.getAttribute('action')}`];
    if (area.value !== text) area.value = text;
    if (text) keep(draft, text); else forget(draft);
  }
  let typedAt = 0;
  on('input', ({ target }) => {
    if (target.id !== 'body') return;
    write(target.form, target.value);
    // That somebody is typing is told at most every three seconds, and nothing hangs on it.
    if (!target.value || Date.now() - typedAt < 3_000) return;
    typedAt = Date.now();
    ask(target.form.getAttribute('action').replace(/messages$/, 'typing'), {});
  });

  on('keydown', (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    const isField = target.matches('input, textarea');
    if (event.isComposing || event.keyCode === 229) return;
    if (key === 'Enter' && target.id === 'body') {
      // On touch keyboards Enter breaks the line and the button sends.
      if (touch || event.shiftKey) return;
      target.form.requestSubmit();
    } else if (altKey && (key === 'ArrowUp' || key === 'ArrowDown')) {
      const links = all('#conversations .entry');
      links[links.findIndex((link) => link.ariaCurrent) + (key === 'ArrowDown' ? 1 : -1)]?.click();
    } else if ((key === 'k' && (ctrlKey || metaKey)) || (key === '/' && !isField)) byId('q').select();
    else if (key === '?' && !isField) byId('shortcuts').togglePopover();
    else if (key === 'Escape' && target.id !== 'q' && !all(':popover-open').length) all('.back')[0]?.click();
    else return;
    event.preventDefault();
  });

  // --- Reading: a conversation counts as read while its end can be seen, by somebody who looks ---
  const pane = () => all('.history')[0];
  const isAway = () => Math.abs(pane()?.scrollTop ?? 0) > 40;
  const toEnd = () => { pane().scrollTop = 0; };
  let missed = 0;

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
    const answer = await ask(list.dataset.action.replace(/messages$/, 'read'), { seq });
    if (answer.ok) byId('mark-read')?.remove(); else list.dataset.read = before;
  }
  on('visibilitychange', look);
  on('scroll', look);

  // What the inbox shows has come. The last of a burst says it for those before it.
  async function markDelivered() {
    for (const { dataset } of all('#conversations [data-arrived]')) {
      const seq = dataset.arrived;
      delete dataset.arrived;
      await ask(dataset.delivered, { seq });
    }
  }

  // --- What changes: answers, the stream and a look back bring the same templates, some again ----
  function apply(html) {
    const height = pane()?.scrollHeight;
    wasAway = isAway();
    for (const part of parse(html).children) {
      const isRecent = ({ at }) => at > Date.now() - 60_000;
      const copy = { at: Date.now(), part: part.cloneNode(true) };
      if (part.matches('[data-for=entry], [data-for=presence]')) lately = [...lately.filter(isRecent), copy];
      put(part);
    }
    // The list is anchored at its end: who reads further up stays where they are.
    if (wasAway) pane().scrollTop -= pane().scrollHeight - height;
    settle();
  }
  let wasAway = false;
  const put = (part) => changes[part.dataset.for]?.(part, part.content.firstElementChild);
  let lately = [];
  const isShown = (part) => all('#messages:not([data-newer])')[0]?.dataset.with === part.dataset.with;
  const changes = {
    messages(part, bubble) {
      const sent = outbox.find(({ id }) => id === bubble.dataset.clientId);
      if (sent) update(sent, 'stored');
      if (!isShown(part) || byId(bubble.id)) return;
      const earlier = all('#messages [data-seq]').findLast((other) => +other.dataset.seq < +bubble.dataset.seq);
      // One from before what is shown comes with its neighbours, when older messages are asked for.
      if (!earlier && all('#messages > .more').length) return;
      if (earlier) earlier.after(bubble); else byId('messages').prepend(bubble);
      byId('no-messages')?.remove();
      if (bubble.matches('.mine')) return;
      if (wasAway) missed += 1;
      byId('typing').hidden = true;
      byId('arrivals').append(bubble.querySelector('.bubble').cloneNode(true));
    },
    more: () => catchUp(),
    entry(part, entry) {
      const there = byId(entry.id);
      const hadFocus = there?.contains(document.activeElement);
      if ('moves' in part.dataset) { there?.remove(); byId('conversations').prepend(entry); } else there?.replaceWith(entry);
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
      for (const old of all(`[data-of="${CSS.escape(presence.dataset.of)}"]`)) old.replaceWith(presence.cloneNode(true));
    },
    // The style sheet lets it fade after five seconds; further news begins them again.
    typing(part) {
      if (isShown(part)) byId('typing').hidden = false;
      for (const fading of byId('typing')?.getAnimations() ?? []) fading.currentTime = 0;
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
  on('htmx:after:swap', ({ detail: { ctx } }) => {
    // A pane brings the inbox and who is here as they were when it was made; what was told since is newer.
    for (const { part } of lately.filter(({ at }) => at >= ctx.askedAt)) put(part.cloneNode(true));
    settle();
    // Whose link is gone goes on where it led to.
    if (document.activeElement === document.body) (pane() ?? byId('main')).focus({ preventScroll: true });
  });
  // What was asked for and did not come, for want of an answer or of one that has a page.
  const complain = ({ detail: { ctx } }) => { byId('notice').hidden = ctx.request.method !== 'GET' || ctx.response?.status < 429; };
  on('htmx:error', complain);
  on('htmx:response:error', complain);
  on('htmx:before:request', ({ detail: { ctx } }) => {
    byId('notice').hidden = true;
    ctx.askedAt = Date.now();
  });

  // --- The stream: one tab of a browser holds it and tells the others, so that any number of tabs
  // needs one connection; when it goes, the next one takes over from the last event it was handed.
  let [cursor, arrivals, offline, again] = [madeAt, 0, 0, () => {}];
  const tabs = new BroadcastChannel(`live ${viewer}`);
  tabs.onmessage = ({ data }) => take(data);

  function connect() {
    const source = new EventSource(`${events}?after=${cursor}`);
    again = (delay) => { clearTimeout(watch); source.close(); setTimeout(connect, delay); };
    // A connection can die without a word: the server's pings, every 15 s, are missed then.
    let watch = setTimeout(again, 40_000, 0);
    const hear = ({ type, data, lastEventId }) => {
      take({ type, data, lastEventId });
      tabs.postMessage({ type, data, lastEventId });
      clearTimeout(watch);
      if (type === 'session-ended') return source.close();
      watch = setTimeout(again, 40_000, 0);
      if (type === 'restart') again(500 + 1_000 * Math.random());
      // The browser tries again by itself, unless it was refused.
      if (type === 'error' && source.readyState === EventSource.CLOSED) again(3_000);
      // The tab with the stream says for all of them what has come.
      if (type === 'message') { clearTimeout(arrivals); arrivals = setTimeout(markDelivered, 250); }
    };
    for (const type of ['open', 'error', 'message', 'ping', 'reload', 'restart', 'session-ended']) source.addEventListener(type, hear);
  }

  // A device that lost its network knows before the connection does.
  addEventListener('offline', () => take({ type: 'error' }));
  addEventListener('online', () => { take({ type: 'open' }); again(0); });

  function take({ type, data, lastEventId }) {
    cursor = lastEventId || cursor;
    if (type === 'message') apply(data);
    if (type === 'reload') renew();
    if (type === 'session-ended') signIn();
    if (type === 'error') offline ||= setTimeout(() => { byId('offline').hidden = false; }, 5_000);
    if (type !== 'open' || !navigator.onLine) return;
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
    // They are numbered without gaps: nothing that is shown is missing up to here.
    const numbers = all('#messages [data-seq]').map((bubble) => +bubble.dataset.seq);
    const whole = numbers.find((seq, at) => numbers[at + 1] !== seq + 1) ?? 0;
    const answer = await ask(`${list.dataset.action}?after=${whole}`);
    const news = answer.ok ? await answer.text().catch(() => '') : '';
    if (byId('messages') === list) apply(news);
  }
  // The inbox comes anew, and the pane to whoever reads at its end; further up one keeps one's place, and
  // it is made whole below. htmx would name the body as the target, for which there is no inbox.
  function renew() {
    const swap = isAway() ? 'none' : 'innerHTML';
    htmx.ajax('GET', location.pathname + location.search, { target: '#main', swap, headers: { 'HX-Target': 'main#main' } });
    if (swap === 'none') catchUp();
  }
  let today = new Date().getDate();
  const lookBack = () => { if (new Date().getDate() === today) catchUp(); else renew(); today = new Date().getDate(); };
  setInterval(() => { if (document.visibilityState === 'visible') lookBack(); }, 30_000);

  settle();
  if (navigator.locks) navigator.locks.request(`live ${viewer}`, () => { connect(); return new Promise(() => {}); });
  else connect();
})();
