// What the pages do beyond links, forms and htmx. Everything here is a comfort: without it each
// action is still a link or a form. It is served in one file with htmx and runs after it.
'use strict';
(() => {
  const composer = () => document.getElementById('composer');
  const messages = () => document.getElementById('messages');

  // --- Times -----------------------------------------------------------------------------------
  // The server writes UTC; the reader sees their own zone, with the exact moment as a tooltip.
  const dayOf = { day: 'numeric', month: 'short', year: 'numeric' };
  const full = new Intl.DateTimeFormat(undefined, { ...dayOf, hour: '2-digit', minute: '2-digit' });
  const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
  const day = new Intl.DateTimeFormat(undefined, dayOf);

  function localiseTimes(root) {
    for (const time of root.querySelectorAll('time:not([title])')) {
      const at = new Date(time.dateTime);
      const today = at.toDateString() === new Date().toDateString();
      time.title = full.format(at);
      time.textContent = today ? hour.format(at) : time.dataset.short !== undefined ? day.format(at) : full.format(at);
    }
  }

  // --- Sending ---------------------------------------------------------------------------------
  // A message appears at once as pending and the composer is free for the next one. The stored
  // bubble replaces the pending one; a send that failed stays, with its text and its id, until it
  // is retried or copied away.

  // UUIDv7 (RFC 9562): 48 bits of time, then random.
  function newClientId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    new DataView(bytes.buffer).setUint32(0, Math.floor(Date.now() / 0x10000));
    new DataView(bytes.buffer).setUint16(4, Date.now() % 0x10000);
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  function element(name, className, text) {
    const made = document.createElement(name);
    made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function showPending(list, clientId, body) {
    const item = element('li', 'message mine pending');
    item.dataset.clientId = clientId;
    const bubble = element('p', 'bubble', body);
    bubble.dir = 'auto';
    item.append(bubble, element('p', 'meta', 'Sending…'));
    list.append(item);
    item.scrollIntoView({ block: 'end' });
    document.getElementById('no-messages')?.remove();
    return item;
  }

  function showFailed(item, action, body, reason) {
    const clientId = item.dataset.clientId;
    item.classList.replace('pending', 'failed');
    const meta = element('p', 'meta', `Not sent: ${reason} `);
    const retry = element('button', 'quiet', 'Retry');
    retry.addEventListener('click', () => {
      const ctx = { target: '#messages', swap: 'beforeend', values: { body, client_id: clientId } };
      item.classList.replace('failed', 'pending');
      item.querySelector('.meta').replaceWith(element('p', 'meta', 'Sending…'));
      outbox.set(clientId, { item, action, body });
      htmx.ajax('POST', action, ctx);
    });
    const copy = element('button', 'quiet', 'Copy');
    copy.addEventListener('click', () => navigator.clipboard.writeText(body));
    meta.append(retry, ' ', copy);
    item.querySelector('.meta').replaceWith(meta);
  }

  // What is under way, by client id.
  const outbox = new Map();

  const sendOf = (ctx) => ctx.request.body instanceof FormData || ctx.request.body instanceof URLSearchParams
    ? outbox.get(ctx.request.body.get('client_id')) : undefined;

  document.addEventListener('htmx:config:request', (event) => {
    const { ctx } = event.detail;
    const form = ctx.sourceElement;
    if (form.id !== 'composer') return;
    const body = ctx.request.body.get('body');
    const clientId = ctx.request.body.get('client_id');
    // htmx sends exactly what was collected; from here on the form belongs to the next message.
    outbox.set(clientId, { item: showPending(messages(), clientId, body), action: ctx.request.action, body });
    form.elements.client_id.value = newClientId();
    form.elements.body.value = '';
    form.elements.body.removeAttribute('aria-invalid');
    document.getElementById('composer-error')?.remove();
    saveDraft(form);
    fit(form.elements.body);
  });

  // Before htmx puts the stored bubble in: the pending one makes room, whichever pane is open.
  document.addEventListener('htmx:after:request', (event) => {
    const { ctx } = event.detail;
    const send = sendOf(ctx);
    if (!send) return;
    const clientId = ctx.request.body.get('client_id');
    const status = ctx.response.status;
    outbox.delete(clientId);
    if (status === 200) {
      send.item.remove();
      // Another conversation may be open by now: its history is not this bubble's place.
      if (composer()?.getAttribute('action') !== send.action) ctx.swap = 'none';
    } else if (status === 422 || status === 409) {
      // The form comes back with the text; what has been typed since goes after it.
      const typed = composer()?.elements.body.value;
      send.item.remove();
      if (typed) setTimeout(() => { composer().elements.body.value += `\n${typed}`; });
    } else {
      ctx.swap = 'none';
      if (status === 401) keepDraft(send.action, send.body);
      showFailed(send.item, send.action, send.body, reasonFor(status));
    }
  });

  document.addEventListener('htmx:error', (event) => {
    const send = sendOf(event.detail.ctx);
    if (!send) return say('The server could not be reached.');
    outbox.delete(send.item.dataset.clientId);
    showFailed(send.item, send.action, send.body, 'the server could not be reached.');
  });

  const reasonFor = (status) => ({
    401: 'you are signed out.',
    404: 'this person is no longer here.',
    429: 'too many messages at once.',
    503: 'the server cannot reach its data.',
  })[status] ?? 'something went wrong.';

  // --- Composer --------------------------------------------------------------------------------
  document.addEventListener('keydown', (event) => {
    const typing = event.target.id === 'body' && event.key === 'Enter';
    if (!typing || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    // On touch keyboards Enter breaks the line and the button sends.
    if (matchMedia('(pointer: coarse)').matches) return;
    event.preventDefault();
    if (event.target.value.trim()) event.target.form.requestSubmit();
  });

  document.addEventListener('input', (event) => {
    if (event.target.id !== 'body') return;
    fit(event.target);
    saveDraft(event.target.form);
  });

  // As tall as its text, up to what the style sheet allows.
  function fit(area) {
    area.rows = 1;
    while (area.scrollHeight > area.clientHeight + 1 && area.rows < 8) area.rows += 1;
  }

  // What is typed is kept on the device, per conversation, until it is sent.
  const draftKey = (action) => `draft ${action}`;
  const saveDraft = (form) => keepDraft(form.getAttribute('action'), form.elements.body.value);

  function keepDraft(action, text) {
    try {
      if (text) localStorage.setItem(draftKey(action), text);
      else localStorage.removeItem(draftKey(action));
    } catch { /* A full or forbidden storage only costs the draft. */ }
  }

  function restoreDraft(form) {
    const area = form.elements.body;
    try { area.value ||= localStorage.getItem(draftKey(form.getAttribute('action'))) ?? ''; } catch { /* as above */ }
    fit(area);
  }

  // --- Reading ---------------------------------------------------------------------------------
  // A conversation counts as read while its end can be seen.
  function markRead() {
    const form = document.getElementById('mark-read');
    if (!form || document.visibilityState !== 'visible') return;
    form.hidden = true;
    form.requestSubmit();
    form.removeAttribute('id');
  }
  document.addEventListener('visibilitychange', markRead);

  // --- Panes -----------------------------------------------------------------------------------
  const notice = () => document.getElementById('notice');

  function say(text) {
    if (!notice()) return;
    notice().textContent = text;
    notice().hidden = false;
  }

  function settle(root) {
    localiseTimes(root);
    const form = composer();
    if (form && !form.dataset.ready) {
      form.dataset.ready = 'yes';
      restoreDraft(form);
      if (!matchMedia('(pointer: coarse)').matches) form.elements.body.focus({ preventScroll: true });
    }
    const path = location.pathname;
    for (const link of document.querySelectorAll('.sidebar a[href]')) {
      const here = link.getAttribute('href') === path;
      if (here) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
    }
    markRead();
  }

  document.addEventListener('htmx:response:error', (event) => {
    const { ctx } = event.detail;
    if (ctx.response.status >= 500 && ctx.sourceElement.id !== 'composer') say('Something went wrong. Please try again.');
  });
  document.addEventListener('htmx:before:request', () => { if (notice()) notice().hidden = true; });
  document.addEventListener('htmx:after:swap', () => settle(document));
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', () => settle(document));
  else settle(document);
})();
