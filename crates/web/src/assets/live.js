// The page as things happen. One tab of a browser holds the stream and tells the others, so that
// any number of tabs needs one connection; when it goes, the next one takes over.
'use strict';
(() => {
  const { viewer, events, madeAt } = document.body.dataset;
  if (!events) return;
  const { byId, parse, post, upsert, sent, settle, isAtEnd, markRead, markDelivered, ask, localiseTimes } = window.chat;

  // Everything up to here has been told to this tab.
  let cursor = madeAt;
  const tabs = new BroadcastChannel(`live ${viewer}`);
  tabs.onmessage = ({ data }) => take(data);
  const tell = (told) => {
    take(told);
    tabs.postMessage(told);
    // The tab with the stream says for all of them what has come.
    if (told.name === 'message') { clearTimeout(arrivals); arrivals = setTimeout(markDelivered, 250); }
  };
  let arrivals = 0;

  function connect() {
    const source = new EventSource(`${events}?after=${cursor}`);
    let lastSign = Date.now();
    const again = (delay) => {
      clearInterval(watch);
      source.close();
      setTimeout(connect, delay);
    };
    // A connection can die without a word: the server's pings, every 15 s, are missed then.
    const watch = setInterval(() => { if (Date.now() - lastSign > 40_000) again(0); }, 5_000);
    for (const name of ['message', 'ping', 'reload', 'restart', 'session-ended']) {
      source.addEventListener(name, ({ data, lastEventId }) => {
        lastSign = Date.now();
        tell({ name, data, cursor: lastEventId });
        if (name === 'restart') again(500 + 1_000 * Math.random());
        if (name === 'session-ended') { clearInterval(watch); source.close(); }
      });
    }
    source.onopen = () => tell({ name: 'online' });
    // The browser tries again by itself, unless it was refused.
    source.onerror = () => {
      tell({ name: 'offline' });
      if (source.readyState === EventSource.CLOSED) again(3_000);
    };
  }

  if (navigator.locks) navigator.locks.request(`live ${viewer}`, () => { connect(); return new Promise(() => {}); });
  else connect();

  function take(told) {
    if (told.cursor) cursor = told.cursor;
    if (told.name === 'message') for (const part of parse(told.data).querySelectorAll('template')) {
      remember(part);
      changes[part.dataset.for]?.(part);
    }
    if (told.name === 'reload') reload();
    if (told.name === 'session-ended') location.href = `/login?next=${encodeURIComponent(location.pathname)}`;
    if (told.name === 'offline' && !offlineTimer) offlineTimer = setTimeout(() => { byId('offline').hidden = false; }, 5_000);
    if (told.name === 'online') {
      if (offlineTimer) catchUp();
      clearTimeout(offlineTimer);
      offlineTimer = 0;
      byId('offline').hidden = true;
    }
    showUnread();
  }
  let offlineTimer = 0;

  const isOpen = (part) => byId('messages')?.dataset.with === part.dataset.with && !('newer' in byId('messages').dataset);

  const changes = {
    messages(part) {
      const bubble = part.content.firstElementChild;
      if (bubble.dataset.clientId) sent(bubble.dataset.clientId);
      if (!isOpen(part)) return;
      if (bubble.classList.contains('theirs')) {
        byId('typing').hidden = true;
        if (!byId(bubble.id)) byId('arrivals').textContent = bubble.querySelector('.bubble').textContent;
      }
      upsert(bubble);
      markRead();
    },
    latest(part) {
      changes.entry(part, true);
    },
    entry(part, moves) {
      const entry = part.content.firstElementChild;
      const there = byId(entry.id);
      if (!there && !moves) return;
      localiseTimes(entry);
      document.querySelector('#inbox .empty')?.remove();
      if (moves) { there?.remove(); byId('conversations').prepend(entry); } else there.replaceWith(entry);
      htmx.process(entry);
      settle();
    },
    reached(part) {
      if (!isOpen(part)) return;
      const { delivered, read } = part.dataset;
      for (const bubble of byId('messages').querySelectorAll('.mine[data-seq]')) {
        const [receipt, seq] = [bubble.querySelector('.receipt'), +bubble.dataset.seq];
        if (seq <= +read) receipt.className = 'receipt read';
        else if (seq <= +delivered && !receipt.matches('.read')) receipt.className = 'receipt delivered';
        else continue;
        receipt.textContent = receipt.matches('.read') ? 'Read' : 'Delivered';
      }
    },
    presence(part) {
      const presence = part.content.firstElementChild;
      for (const shown of document.querySelectorAll('.presence')) {
        if (shown.dataset.of === presence.dataset.of) shown.replaceWith(presence.cloneNode(true));
      }
    },
    typing(part) {
      if (!isOpen(part)) return;
      byId('typing').hidden = false;
      clearTimeout(typingTimer);
      typingTimer = setTimeout(() => { const shown = byId('typing'); if (shown) shown.hidden = true; }, 5_000);
    },
  };
  let typingTimer = 0;

  // What is new since the pane was made: messages, how far the other one is, and whether they are
  // here. Asked once a pane, after an outage, and twice a minute by whoever looks, so that
  // nothing that got lost on its way stays so.
  async function catchUp() {
    const list = byId('messages');
    if (!list || 'newer' in list.dataset) return;
    const answer = await ask(`${list.dataset.action}?after=${wholeUpTo(list)}`).catch(() => null);
    const html = await answer?.text().catch(() => null);
    if (!answer?.ok || !html || byId('messages') !== list) return;
    const news = parse(html);
    const found = [...news.querySelectorAll('[data-seq]')];
    found.forEach(upsert);
    for (const part of news.querySelectorAll('template')) changes[part.dataset.for](part);
    markRead();
    if (found.length === 50) await catchUp();
  }

  // Messages are numbered without gaps: nothing that is shown is missing up to here.
  function wholeUpTo(list) {
    const numbers = [...list.querySelectorAll('[data-seq]')].map((bubble) => +bubble.dataset.seq);
    return numbers.find((seq, at) => numbers[at + 1] !== seq + 1) ?? 0;
  }

  // Too much was missed to be told one by one. The inbox is shown anew, and the conversation to
  // whoever reads at its end; further up one keeps one's place, and it is made whole below.
  function reload() {
    const swap = byId('messages') && isAtEnd() ? 'innerHTML' : 'none';
    // htmx would name the whole body as the target, for which there is no inbox in the answer.
    const headers = { 'HX-Target': 'main#main' };
    htmx.ajax('GET', location.pathname + location.search, { target: '#main', swap, headers });
    if (swap === 'none') catchUp();
  }
  document.addEventListener('chat:pane', catchUp);
  setInterval(() => { if (document.visibilityState === 'visible') catchUp(); }, 30_000);

  // "Typing" is told at most every three seconds.
  let typedAt = 0;
  document.addEventListener('input', ({ target }) => {
    if (target.id !== 'body' || !target.value || Date.now() - typedAt < 3_000) return;
    typedAt = Date.now();
    post(byId('messages').dataset.action.replace(/messages$/, 'typing'));
  });

  function showUnread() {
    const counts = [...document.querySelectorAll('#conversations .unread')].map((unread) => parseInt(unread.textContent, 10));
    const unread = counts.reduce((sum, count) => sum + count, 0);
    document.title = (unread ? `(${unread}) ` : '') + document.title.replace(/^\(\d+\) /, '');
  }

  // A pane brings the inbox and who is here as they were when it was made. What was told while it
  // was on its way is newer.
  const lately = [];
  function remember(part) {
    if (!['latest', 'entry', 'presence'].includes(part.dataset.for)) return;
    while (lately[0]?.at < Date.now() - 60_000) lately.shift();
    lately.push({ at: Date.now(), part: part.cloneNode(true) });
  }
  document.addEventListener('htmx:before:request', ({ detail }) => { detail.ctx.askedAt = Date.now(); });
  document.addEventListener('htmx:after:swap', ({ detail }) => {
    for (const { part } of lately.filter(({ at }) => at >= detail.ctx.askedAt)) changes[part.dataset.for](part.cloneNode(true));
    showUnread();
  });
  showUnread();
})();
