// What the pages do beyond links, forms and htmx, which stands before it in the same file: comfort alone.
(() => {
  const { viewer, events, madeAt } = document.body.dataset;
  let [cursor, burst, before, sending, typedAt, source, watch, arrivals] = [madeAt, [], [], false, 0];
  const byId = (id) => document.getElementById(id);
  const all = (css) => [...document.querySelectorAll(css)];
  const on = (types, act) => types.split(' ').forEach((type) => addEventListener(type, act, type === 'scroll'));
  const touch = matchMedia('(pointer: coarse)').matches;
  const parse = (html) => Object.assign(document.createElement('template'), { innerHTML: html }).content;
  const signIn = () => { location.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`; };
  // The server writes times and days in the reader's zone, which it knows by this cookie.
  const zone = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  if (!document.cookie.split('; ').includes(zone)) {
    document.cookie = `${zone}; path=/; max-age=31536000; samesite=lax`;
    if (viewer) location.reload();
  }
  if (!viewer) return;
  // Posts if there are fields, else gets. The status of no answer is 0: a connection can die without a word.
  async function ask(path, fields) {
    const posting = fields && { method: 'POST', body: new URLSearchParams(fields) };
    const asHtmx = { headers: { 'HX-Request': 'true' }, signal: AbortSignal.timeout(25_000), ...posting };
    const answer = await fetch(path, asHtmx).catch(() => Response.error());
    return Object.assign(answer, { html: await answer.text().catch(() => '') });
  }
  // --- Sending: what leaves the composer stays in the outbox, whatever happens, until the server has it once.
  const [own, unreached] = [`${viewer} outbox `, 'Not sent: the server could not be reached.'];
  const recall = (key) => { try { return JSON.parse(localStorage[key]); } catch { return null; } };
  const outbox = () => Object.keys(localStorage).filter((key) => key.startsWith(own)).map(recall)
    .filter((entry) => entry?.action).sort((one, other) => one.at - other.at);
  function keep(id, entry) {
    if (entry) localStorage[own + id] = JSON.stringify({ id, ...entry }); else delete localStorage[own + id];
    showOutbox();
  }
  on('submit', (event) => {
    if (event.target.id !== 'composer') return;
    const { client_id: id, body: { value: body } } = event.target.elements;
    if (!body.trim()) return event.preventDefault();
    // Where there is no room this fails, and the form is sent as without a script.
    delete localStorage[draft()];
    keep(id.value, { action: path('messages'), body, at: Date.now() });
    event.preventDefault();
    // The name of a blob is a UUID, over plain http too, where crypto.randomUUID is missing.
    id.value = URL.createObjectURL(new Blob()).slice(-36);
    write('');
    byId('body').focus();
    pane().scrollTop = 0;
    send();
  });
  async function send() {
    const next = outbox().find(({ failed }) => !failed);
    if (sending || !next) return;
    sending = true;
    const { ok, status, headers, html } = await ask(next.action, { client_id: next.id, body: next.body });
    if (status === 401) return signIn();
    // Those behind one that came too fast wait too. The stream may have told of one before its answer.
    const pause = status === 429 ? headers.get('Retry-After') : 0;
    const failed = parse(html).querySelector('.error')?.textContent ?? unreached;
    if (ok) apply(html);
    if (!pause && own + next.id in localStorage) keep(next.id, !ok && { ...next, failed });
    setTimeout(() => { sending = false; send(); }, pause * 1_000);
  }
  function showOutbox() {
    for (const shown of all('.unsent')) shown.remove();
    for (const entry of outbox().filter(({ action }) => action === byId('composer')?.getAttribute('action'))) {
      const bubble = byId('unsent').content.firstElementChild.cloneNode(true);
      bubble.classList.add(entry.failed ? 'failed' : 'pending');
      bubble.querySelector('.bubble').append(entry.body);
      bubble.querySelector('.state').append(entry.failed ?? 'Sending…');
      bubble.onclick = ({ target }) => acts[target.dataset.act]?.(entry, bubble.querySelector('.bubble'));
      newest().append(bubble);
    }
  }
  const again = ({ failed, ...entry }) => { keep(entry.id, entry); send(); };
  const acts = {
    retry(entry) { again(entry); toWrite(); },
    edit({ id, body }) { keep(id); write(`${byId('body').value}\n${body}`.trim()); toWrite(); },
    copy({ body }, bubble) { getSelection().selectAllChildren(bubble); navigator.clipboard?.writeText(body); },
  };

  // --- Composer and keys: what is written is the conversation's draft until it is sent.
  const path = (last) => byId('messages').dataset.action.replace(/messages$/, last);
  const draft = () => `${viewer} draft ${path('messages')}`;
  const toWrite = () => { if (!touch) byId('body')?.focus({ preventScroll: true }); };
  function write(text) {
    if (byId('body').value !== text) byId('body').value = text;
    if (text) localStorage[draft()] = text; else delete localStorage[draft()];
  }
  on('input', ({ target: { id, value } }) => {
    if (id !== 'body') return;
    write(value);
    if (value && Date.now() > typedAt + 3_000) ask(path('typing'), { at: typedAt = Date.now() });
  });
  // While a word is being put together, keys are the input method's; on touch keyboards Enter breaks the line.
  on('keydown', (event) => {
    const { key, target: { id, form, selectionStart: caret } } = event;
    const [links, step] = [all('#conversations .entry'), event.altKey && { ArrowUp: -1, ArrowDown: 1 }[key]];
    if (event.isComposing || event.keyCode === 229) return;
    if (key === 'Enter' && id === 'body' && !touch && !event.shiftKey) form.requestSubmit();
    else if (step) links[links.findIndex((link) => link.ariaCurrent) + step]?.click();
    else if ((key === 'k' && (event.ctrlKey || event.metaKey)) || (key === '/' && caret == null)) byId('q').select();
    else if (key === '?' && caret == null) byId('shortcuts').togglePopover();
    else if (key === 'Escape' && id !== 'q' && !all(':popover-open').length) all('.back')[0]?.click();
    else return;
    event.preventDefault();
  });

  // --- Reading: a conversation counts as read while its end can be seen, by somebody who looks.
  const pane = () => all('.history')[0];
  const live = () => all('#messages:not([data-newer])')[0];
  const newest = () => byId('messages')?.lastElementChild;
  const isAway = () => Math.abs(pane()?.scrollTop ?? 0) > 40;
  async function look() {
    const list = live()?.dataset;
    if (!list) return;
    const unseen = [...newest().querySelectorAll('.theirs')].filter((it) => +it.dataset.seq > +list.read);
    byId('latest').hidden = !isAway();
    byId('latest').textContent = unseen.length ? `${unseen.length} new ↓` : 'Newest ↓';
    if (isAway() || document.hidden || !unseen.length) return;
    const [{ seq }, read] = [unseen.at(-1).dataset, list.read];
    list.read = seq;
    if (!(await ask(path('read'), { seq })).ok) list.read = read;
  }
  on('scroll visibilitychange', look);
  on('storage', showOutbox);
  on('click', ({ target: { id } }) => { if (id === 'latest') { pane().scrollTop = 0; toWrite(); } });

  // --- What changes: answers, the stream and a look back bring the same templates, some again, in any order.
  function apply(html) {
    const height = live() && isAway() ? newest().offsetHeight : 0;
    for (const { dataset: told, content } of parse(html).children)
      if (!told.with || told.with === live()?.dataset.with) changes[told.for](content.firstElementChild, told);
    // The list is anchored at its end: who reads further up stays where they are.
    if (height) pane().scrollTop -= newest().offsetHeight - height;
    settle();
  }
  // Puts it behind the last of those before it. One from before what is shown comes when that is asked for.
  function insert(list, item, by) {
    const earlier = [...list.children].findLast(({ dataset }) => +dataset[by] < +item.dataset[by]);
    if (earlier) earlier.after(item); else if (!list.previousElementSibling) list.prepend(item);
  }
  const changes = {
    messages(it) {
      if (own + it.dataset.clientId in localStorage) keep(it.dataset.clientId);
      if (!byId(it.id)) insert(newest(), it, 'seq');
      if (!it.matches('#messages .theirs')) return;
      byId('typing').hidden = true;
      byId('arrivals').appendChild(document.createElement('p')).textContent = it.querySelector('.bubble').textContent;
    },
    more: () => catchUp(),
    entry(entry, { moves }) {
      const there = byId(entry.id);
      const [is, was] = [+entry.dataset.asOf, +there?.dataset.asOf];
      if (was > is || (was === is && there.textContent === entry.textContent) || !(there || moves === '')) return;
      const hadFocus = there?.contains(document.activeElement);
      there?.remove();
      insert(byId('conversations'), entry, 'order');
      if (hadFocus) entry.querySelector('a').focus();
    },
    reached(none, { read, delivered }) {
      for (const receipt of all('#messages .receipt:not(.read)')) {
        const { seq } = receipt.closest('li').dataset;
        const word = +seq <= +read ? 'Read' : +seq <= +delivered ? 'Delivered' : 'Sent';
        Object.assign(receipt, { className: `receipt ${word.toLowerCase()}`, textContent: word });
      }
    },
    state: (it, { of }) => all(`[data-of="${CSS.escape(of)}"]`).forEach((old) => old.replaceWith(it.cloneNode(true))),
  };

  // --- Panes: one that is new here is made ready, and what came while it was made is asked for.
  function settle() {
    const [q, fresh] = [byId('q'), all('#composer:not([data-ready]), #conversations:not([data-ready])')];
    for (const { dataset } of fresh) dataset.ready = 'yes';
    if (fresh.includes(byId('composer'))) {
      write(byId('body').value || localStorage[draft()] || '');
      showOutbox();
      if (!location.hash) byId('unread')?.scrollIntoView({ block: 'nearest' });
      toWrite();
    }
    if (fresh.length) catchUp();
    htmx.process(byId('inbox'));
    if (q !== document.activeElement && location.pathname !== q.form.getAttribute('action')) q.value = '';
    for (const link of all('.sidebar a[href]')) link.ariaCurrent = link.pathname === location.pathname ? 'page' : null;
    const unread = all('#conversations .unread').reduce((sum, { textContent }) => sum + parseInt(textContent, 10), 0);
    document.title = (unread ? `(${unread}) ` : '') + document.title.replace(/^\(\d+\) /, '');
    look();
    send();
  }
  // A pane brings the inbox as it was when it was made. Whose link is gone goes on where it led to.
  on('htmx:before:swap', () => { before = all('#conversations > [data-as-of]'); });
  on('htmx:after:swap', () => {
    for (const old of before) if (+old.dataset.asOf > +byId(old.id)?.dataset.asOf) changes.entry(old, {});
    settle();
    if (document.activeElement === document.body) (pane() ?? byId('main')).focus({ preventScroll: true });
  });
  on('htmx:before:request htmx:error htmx:response:error', ({ type, detail: { ctx } }) => {
    byId('notice').hidden = type === 'htmx:before:request' || ctx.response?.status < 429;
  });

  // --- The stream: one tab of a browser holds it and tells the others; when it goes, the next one takes over.
  const tabs = Object.assign(new BroadcastChannel(`live ${viewer}`), { onmessage: ({ data }) => take(data) });
  function connect() {
    source?.close();
    source = new EventSource(`${events}?after=${cursor}`);
    for (const it of ['open', 'error', 'message', 'ping', 'reload', 'session-ended']) source.addEventListener(it, hear);
    hear({ type: 'begin' });
  }
  function hear({ type, data, lastEventId }) {
    // The server pings every 15 s. A connection that ends, the browser takes up again, unless it was refused.
    clearTimeout(watch);
    watch = setTimeout(connect, source.readyState === EventSource.CLOSED ? 3_000 : 40_000);
    take({ type, data, lastEventId });
    tabs.postMessage({ type, data, lastEventId });
    arrivals ||= setTimeout(markDelivered, 250);
  }
  // What the inbox shows has come. What could not be said is said again with the next event or ping.
  async function markDelivered() {
    arrivals = 0;
    for (const { dataset: it } of all('#conversations [data-arrived]'))
      if ((await ask(it.delivered, { seq: it.arrived })).ok) delete it.arrived;
  }
  function take({ type, data, lastEventId }) {
    cursor = lastEventId || cursor;
    // The list is laid out each time, so a burst is put in place in few pieces that stop nobody who types.
    const put = () => { apply(burst.splice(0, 40).join('')); if (burst.length) setTimeout(put, 30); };
    if (type === 'message' && burst.push(data) === 1) setTimeout(put, 30);
    if (type === 'session-ended') signIn();
    const [wasGone, isBack] = [!byId('offline').hidden, type === 'open' && navigator.onLine];
    if (type === 'reload' || (wasGone && isBack)) catchUp();
    if (isBack) outbox().filter(({ failed }) => failed === unreached).forEach(again);
    if (isBack || type === 'error' || type === 'offline') byId('offline').hidden = isBack;
  }
  on('offline', take);
  on('online', () => { if (source) connect(); else take({ type: 'open' }); });

  // Asks for what came after the last number without a gap: once a pane, after an outage, and twice a minute.
  async function catchUp() {
    const list = live();
    const numbers = all('#messages [data-seq]').map((bubble) => +bubble.dataset.seq);
    const whole = numbers.find((seq, at) => numbers[at + 1] !== seq + 1) ?? 0;
    const { ok, html } = await ask(list ? `${list.dataset.action}?after=${whole}` : all('.places a')[0].href);
    if (ok && live() === list) apply(html);
  }
  // On a new day "Today" is another: the page comes anew, unless somebody reads or writes in it.
  const today = new Date().getDate();
  const isStale = () => new Date().getDate() !== today && !isAway() && !document.activeElement.value;
  setInterval(() => (document.hidden ? 0 : isStale() ? location.reload() : catchUp()), 30_000);
  settle();
  navigator.locks?.request(`live ${viewer}`, () => { connect(); return new Promise(() => {}); }) ?? connect();
})();
