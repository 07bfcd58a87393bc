// What the pages do beyond links, forms and htmx. Everything here is a comfort: without it each
// action is still a link or a form. It is served in one file with htmx and runs after it.
'use strict';
(() => {
  const { viewer, events, madeAt } = document.body.dataset;
  const byId = (id) => document.getElementById(id);
  const all = (css) => [...document.querySelectorAll(css)];
  const on = (type, act) => addEventListener(type, act, { capture: type === 'scroll' });
  const touch = matchMedia('(pointer: coarse)').matches;
  const parse = (html) => Object.assign(document.createElement('template'), { innerHTML: html }).content;
  const signIn = () => { location.href = `/login?next=${encodeURIComponent(location.pathname)}`; };

  // The server writes times and days in the reader's zone, which it knows by this cookie.
  const zone = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  if (!document.cookie.split('; ').includes(zone)) {
    document.cookie = `${zone}; path=/; max-age=31536000; samesite=lax`;
    if (viewer) location.reload();
  }
  if (!viewer) return;

  // Gets, or posts when there is something to post. Without an answer the status is 0: a connection can
  // die without a word, so nothing waits for ever, only longer than the server takes to give up.
  async function ask(path, fields) {
    const posting = fields && { method: 'POST', body: new URLSearchParams(fields) };
    const asHtmx = { headers: { 'HX-Request': 'true' }, signal: AbortSignal.timeout(25_000) };
    const answer = await fetch(path, { ...asHtmx, ...posting }).catch(() => Response.error());
    return Object.assign(answer, { html: await answer.text().catch(() => '') });
  }

  // --- Sending: what is sent goes into the outbox first, and only then out of the composer. It stays
  // there, and is shown, until the server has it: through a reload, a lost network, an ended session.
  // It is sent in order and with its id, so that it is stored once, whichever tabs send it. Each has
  // a key of its own, so that tabs do not write over each other's.
  const own = `${viewer} outbox `;
  const recall = (key) => { try { return JSON.parse(localStorage[key]); } catch { return null; } };
  const outbox = () => Object.keys(localStorage).filter((key) => key.startsWith(own))
    .map(recall).filter((entry) => entry?.action).sort((one, other) => one.at - other.at);
  function keep(id, entry) {
    if (entry) localStorage.setItem(own + id, JSON.stringify({ id, ...entry })); else localStorage.removeItem(own + id);
    showOutbox();
  }
  const path = (last) => byId('messages').dataset.action.replace('messages', last);
  let sending = false;

  on('submit', (event) => {
    if (event.target.id !== 'composer') return;
    const { client_id: id, body: { value: body } } = event.target.elements;
    // Where there is no room this fails, and the form is sent as without a script.
    if (body.trim()) keep(id.value, { action: path('messages'), body, at: Date.now() });
    event.preventDefault();
    if (!body.trim()) return;
    // The name of a blob is a UUID, over plain http too, where crypto.randomUUID is missing.
    id.value = URL.createObjectURL(new Blob()).slice(-36);
    write('');
    toEnd();
    send();
  });

  async function send() {
    const next = outbox().find(({ failed }) => !failed);
    if (sending || !next) return;
    sending = true;
    const answer = await ask(next.action, { client_id: next.id, body: next.body });
    if (answer.status === 401) return signIn();
    const reason = parse(answer.html).querySelector('.error')?.textContent;
    // Too fast: those behind it wait too, so that all arrive in their order.
    const pause = answer.status === 429 ? answer.headers.get('Retry-After') : 0;
    if (answer.ok) {
      keep(next.id);
      apply(answer.html);
    } else if (!pause) keep(next.id, { ...next, failed: reason ?? 'Not sent: the server could not be reached.' });
    setTimeout(() => { sending = false; send(); }, pause * 1_000);
  }

  function showOutbox() {
    for (const shown of all('#messages .unsent')) shown.remove();
    for (const entry of outbox().filter(({ action }) => action === byId('composer')?.getAttribute('action'))) {
      const bubble = byId('unsent').content.firstElementChild.cloneNode(true);
      bubble.classList.add(entry.failed ? 'failed' : 'pending');
      bubble.querySelector('.bubble').append(entry.body);
      bubble.querySelector('.state').append(entry.failed ?? 'Sending…');
      bubble.onclick = ({ target }) => acts[target.dataset.act]?.(entry, bubble.querySelector('.bubble'));
      byId('messages').append(bubble);
    }
  }
  // What the buttons do: those of an unsent bubble, and the one that leads to the newest.
  const acts = {
    retry(entry) { keep(entry.id, { ...entry, failed: undefined }); send(); },
    edit({ id, body }) { keep(id); write(`${byId('body').value}\n${body}`.trim()); toWrite(); },
    copy({ body }, bubble) { getSelection().selectAllChildren(bubble); navigator.clipboard?.writeText(body); },
  };
  on('click', ({ target }) => {
    if (target.id !== 'latest') return;
    toEnd();
    toWrite();
  });

  // --- Composer and keys: what is written is the conversation's draft until it is sent -----------
  const toWrite = () => byId('body').focus({ preventScroll: true });
  const draft = () => `${viewer} draft ${path('messages')}`;
  function write(text) {
    if (byId('body').value !== text) byId('body').value = text;
    if (text) localStorage[draft()] = text; else localStorage.removeItem(draft());
  }
  let typedAt = 0;
  on('input', ({ target }) => {
    if (target.id !== 'body') return;
    write(target.value);
    // That somebody is typing is told at most every three seconds, and nothing hangs on it.
    if (!target.value || Date.now() - typedAt < 3_000) return;
    typedAt = Date.now();
    ask(path('typing'), {});
  });

  on('keydown', (event) => {
    const { key, target } = event;
    const isField = target.matches('input, textarea');
    const step = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[key];
    // While a word is being put together, keys are the input method's.
    if (event.isComposing || event.keyCode === 229) return;
    // On touch keyboards Enter breaks the line and the button sends.
    if (key === 'Enter' && target.id === 'body' && !touch && !event.shiftKey) target.form.requestSubmit();
    else if (step) {
      const links = all('#conversations .entry');
      links[links.findIndex((link) => link.ariaCurrent) + step]?.click();
    }
    else if ((key === 'k' && (event.ctrlKey || event.metaKey)) || (key === '/' && !isField)) byId('q').select();
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
    button.hidden = !isAway();
    missed = isAway() ? missed : 0;
    button.textContent = missed ? `${missed} new ↓` : 'Newest ↓';
    const [seq, before] = [all('#messages .theirs').at(-1)?.dataset.seq ?? 0, list.dataset.read];
    if (isAway() || document.visibilityState !== 'visible' || +seq <= +before) return;
    list.dataset.read = seq;
    // The stream tells every page of the reader's, this one too, what is unread now.
    const { ok } = await ask(path('read'), { seq });
    if (!ok) list.dataset.read = before;
  }
  on('visibilitychange', look);
  on('scroll', look);

  // What the inbox shows has come. The last of a burst says it for those before it.
  async function markDelivered() {
    arrivals = 0;
    for (const { dataset } of all('#conversations [data-arrived]')) {
      const { arrived: seq, delivered } = dataset;
      delete dataset.arrived;
      const { status } = await ask(delivered, { seq });
      // Said again with the next event, at the latest a ping.
      if (!status || status >= 500) dataset.arrived ??= seq;
    }
  }

  // --- What changes: answers, the stream and a look back bring the same templates, some again ----
  let [wasAway, hasMoved, lately] = [false, false, []];
  // What was told since then is newer than what was asked for then.
  const since = (time) => lately.filter(({ at }) => at >= time).map(({ part }) => part.outerHTML).join('');
  function apply(html) {
    hasMoved = false;
    const height = pane()?.scrollHeight;
    wasAway = isAway();
    for (const part of parse(html).children) {
      if (!part.dataset.with) lately = [...lately.slice(-300), { at: Date.now(), part: part.cloneNode(true) }];
      put(part);
    }
    // The list is anchored at its end: who reads further up stays where they are.
    if (wasAway) pane().scrollTop -= pane().scrollHeight - height;
    settle();
  }
  function put({ dataset: told, content }) {
    const isShown = all('#messages:not([data-newer])')[0]?.dataset.with === told.with;
    if (!told.with || isShown) changes[told.for](content.firstElementChild, told);
  }
  const changes = {
    messages(bubble) {
      if (own + bubble.dataset.clientId in localStorage) keep(bubble.dataset.clientId);
      if (byId(bubble.id)) return;
      let earlier = byId('messages').lastElementChild;
      while (earlier && !(+earlier.dataset.seq < +bubble.dataset.seq)) earlier = earlier.previousElementSibling;
      // One from before what is shown comes with its neighbours, when older messages are asked for.
      if (!earlier && all('#messages > .more').length) return;
      if (earlier) earlier.after(bubble); else byId('messages').prepend(bubble);
      if (bubble.matches('.mine')) return;
      if (wasAway) missed += 1;
      byId('typing').hidden = true;
      byId('arrivals').append(bubble.querySelector('.bubble').cloneNode(true));
    },
    more: () => catchUp(),
    entry(entry, { moves }) {
      const there = byId(entry.id);
      const hadFocus = there?.contains(document.activeElement);
      // A look back brings all of them, the newest last: what is below all that has changed stays in peace.
      const says = (one) => one?.textContent + one?.dataset.arrived;
      if (says(there) === says(entry) && !hasMoved) return;
      if (moves === '') {
        hasMoved = true;
        there?.remove();
        byId('conversations').prepend(entry);
      } else there?.replaceWith(entry);
      if (hadFocus) entry.querySelector('a').focus();
    },
    reached(none, told) {
      for (const receipt of all('#messages [data-seq] .receipt:not(.read)')) {
        const { seq } = receipt.closest('li').dataset;
        const word = +seq <= +told.read ? 'Read' : +seq <= +told.delivered ? 'Delivered' : 'Sent';
        Object.assign(receipt, { className: `receipt ${word.toLowerCase()}`, textContent: word });
      }
    },
    presence(presence) {
      const { of } = presence.dataset;
      for (const old of all(`[data-of="${CSS.escape(of)}"]`)) old.replaceWith(presence.cloneNode(true));
    },
    // The style sheet lets it fade after five seconds, which begin with each news anew.
    typing: (typing) => byId('typing').replaceWith(typing),
  };

  // --- Panes -----------------------------------------------------------------------------------
  function settle() {
    const [form, q] = [byId('composer'), byId('q')];
    if (form && !form.dataset.ready) {
      form.dataset.ready = 'yes';
      write(byId('body').value || localStorage[draft()] || '');
      showOutbox();
      if (!location.hash) byId('unread')?.scrollIntoView({ block: 'nearest' });
      if (!touch) toWrite();
      catchUp();
    }
    htmx.process(byId('inbox'));
    if (q !== document.activeElement && location.pathname !== q.form.getAttribute('action')) q.value = '';
    for (const link of all('.sidebar a[href]')) {
      link.ariaCurrent = link.getAttribute('href') === location.pathname ? 'page' : null;
    }
    const unread = all('#conversations .unread').reduce((sum, shown) => sum + parseInt(shown.textContent, 10), 0);
    document.title = (unread ? `(${unread}) ` : '') + document.title.replace(/^\(\d+\) /, '');
    look();
    send();
  }
  on('htmx:after:swap', ({ detail: { ctx } }) => {
    // A pane brings the inbox and who is here as they were when it was made; what was told since is newer.
    apply(since(ctx.askedAt));
    // Whose link is gone goes on where it led to.
    if (document.activeElement === document.body) (pane() ?? byId('main')).focus({ preventScroll: true });
  });
  on('htmx:before:request', ({ detail: { ctx } }) => {
    byId('notice').hidden = true;
    ctx.askedAt = Date.now();
    // Of a long history only what is near is laid out. What has been, keeps its height; what comes now has none yet.
    for (const bubble of all('#messages .message:not(.past)').slice(0, -60)) bubble.classList.add('past');
  });
  // What was asked for and did not come, for want of an answer or of one that has a page.
  const complain = ({ detail: { ctx } }) => { byId('notice').hidden = ctx.response?.status < 429; };
  on('htmx:error', complain);
  on('htmx:response:error', complain);

  // --- The stream: one tab of a browser holds it and tells the others, so that any number of tabs
  // needs one connection; when it goes, the next one takes over from the last event it was handed.
  let [cursor, burst, source, watch, arrivals, offline] = [madeAt, ''];
  const tabs = new BroadcastChannel(`live ${viewer}`);
  tabs.onmessage = ({ data }) => take(data);

  function connect() {
    source?.close();
    source = new EventSource(`${events}?after=${cursor}`);
    const types = ['open', 'error', 'message', 'ping', 'reload', 'session-ended'];
    for (const type of types) source.addEventListener(type, hear);
    hear({ type: 'begin' });
  }
  function hear({ type, data, lastEventId }) {
    // A connection can die without a word: the server's pings, every 15 s, are missed then. One that
    // ends, the browser takes up again by itself, unless it was refused.
    clearTimeout(watch);
    watch = setTimeout(connect, source.readyState === EventSource.CLOSED ? 3_000 : 40_000);
    take({ type, data, lastEventId });
    tabs.postMessage({ type, data, lastEventId });
    // The tab with the stream says for all of them what has come.
    arrivals ||= setTimeout(markDelivered, 250);
  }
  function take({ type, data, lastEventId }) {
    cursor = lastEventId || cursor;
    // A burst is put in place at once, as the whole list is laid out each time.
    if (type === 'message' && !burst) setTimeout(() => { const html = burst; burst = ''; apply(html); }, 30);
    if (type === 'message') burst += data;
    if (type === 'reload') renew();
    if (type === 'session-ended') signIn();
    const complain = () => { byId('offline').hidden = false; };
    if (type === 'error' || type === 'offline') offline ??= setTimeout(complain, 5_000);
    if (type !== 'open' || !navigator.onLine) return;
    if (offline) catchUp();
    offline = clearTimeout(offline);
    byId('offline').hidden = true;
  }
  // A device that lost its network knows before the connection does.
  on('offline', take);
  on('online', () => { if (source) connect(); else take({ type: 'open' }); });

  // What is new since the page was made: in the inbox and, where a conversation is open, messages,
  // how far the other one is, and whether they are here. Asked at the start, once a conversation, after
  // an outage, and twice a minute by whoever looks, so that nothing that got lost on its way stays
  // so. A new day moves "Today", so the pane comes anew.
  async function catchUp() {
    const [shown, time] = [() => all('#messages:not([data-newer])')[0], Date.now()];
    const list = shown();
    // They are numbered without gaps: nothing that is shown is missing up to here.
    const numbers = all('#messages [data-seq]').map((bubble) => +bubble.dataset.seq);
    const whole = numbers.find((seq, at) => numbers[at + 1] !== seq + 1) ?? 0;
    const answer = await ask(list ? `${list.dataset.action}?after=${whole}` : all('.places a')[0].href);
    if (answer.ok && shown() === list) apply(answer.html + since(time));
  }
  // The inbox comes anew, and the pane to whoever reads at its end; further up one keeps one's place, and
  // it is made whole below. htmx would name the body as the target, for which there is no inbox.
  function renew() {
    const swap = isAway() ? 'none' : 'innerHTML';
    const asPane = { target: '#main', swap, headers: { 'HX-Target': 'main#main' } };
    htmx.ajax('GET', location.pathname + location.search, asPane);
    if (isAway()) catchUp();
  }
  let today = new Date().getDate();
  setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    if (new Date().getDate() === today) catchUp(); else renew();
    today = new Date().getDate();
  }, 30_000);

  settle();
  if (!byId('composer')) catchUp();
  const untilClosed = () => { connect(); return new Promise(() => {}); };
  navigator.locks?.request(`live ${viewer}`, untilClosed) ?? connect();
})();
