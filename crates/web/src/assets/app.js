// What the pages do beyond links, forms and htmx. Everything here is a comfort: without it each
// action is still a link or a form. It is served in one file with htmx and runs after it.
'use strict';
(() => {
  const byId = (id) => document.getElementById(id);
  const touch = matchMedia('(pointer: coarse)').matches;
  // Asks as htmx does. A connection can die without a word, and a browser has six of them: nothing
  // waits for ever, only longer than the server takes to give up.
  const ask = (path, options) => fetch(path, {
    headers: { 'HX-Request': 'true', 'HX-Current-URL': location.href }, signal: AbortSignal.timeout(25_000), ...options,
  });
  const post = (path, fields) => ask(path, { method: 'POST', body: new URLSearchParams(fields) })
    .then((answer) => answer.ok, () => false);
  const seconds = (count) => new Promise((resume) => setTimeout(resume, count * 1000));

  function element(name, className, ...content) {
    const made = document.createElement(name);
    made.className = className;
    made.append(...content);
    return made;
  }

  function button(text, press) {
    const made = element('button', 'quiet', text);
    made.type = 'button';
    made.addEventListener('click', press);
    return made;
  }

  function say(text) {
    const notice = byId('notice');
    if (!notice) return;
    notice.textContent = text;
    notice.hidden = !text;
  }

  // --- What is kept on this device, for whoever is signed in ---------------------------------
  const viewer = document.body.dataset.viewer;
  const remember = (key, value) => {
    try {
      if (value) localStorage.setItem(`${viewer} ${key}`, JSON.stringify(value));
      else localStorage.removeItem(`${viewer} ${key}`);
    } catch { /* Where nothing can be kept, a text lives as long as its page. */ }
  };
  const recall = (key) => {
    try { return JSON.parse(localStorage.getItem(`${viewer} ${key}`)); } catch { return null; }
  };

  // --- Times -----------------------------------------------------------------------------------
  // The server writes UTC; the reader sees their own zone, with the exact moment as a tooltip.
  const dayOf = { day: 'numeric', month: 'short', year: 'numeric' };
  const hourOf = { hour: '2-digit', minute: '2-digit' };
  const full = new Intl.DateTimeFormat(undefined, { ...dayOf, ...hourOf });
  const hour = new Intl.DateTimeFormat(undefined, hourOf);
  const day = new Intl.DateTimeFormat(undefined, dayOf);

  function localiseTimes(root) {
    for (const time of root.querySelectorAll('time:not([title])')) {
      const at = new Date(time.dateTime);
      const format = at.toDateString() === new Date().toDateString() ? hour
        : time.dataset.short !== undefined ? day : full;
      time.title = full.format(at);
      time.textContent = format.format(at);
    }
  }

  // --- Sending ---------------------------------------------------------------------------------
  // What is sent goes into the outbox first, and only then out of the composer. It stays there,
  // and is shown, until the server has it: through a reload, a lost network, an ended session. It
  // is sent in order and with its id, so that however often that happens it is stored once.
  // Each has a key of its own, so that tabs do not write over each other's.
  let outbox = Object.keys(viewer ? localStorage : {}).filter((key) => key.startsWith(`${viewer} outbox `))
    .map((key) => recall(key.slice(viewer.length + 1))).filter(Boolean).sort((a, b) => a.at - b.at);
  let sending = false;
  const keep = (entry) => remember(`outbox ${entry.id}`, entry);
  function drop(entry) {
    outbox = outbox.filter((other) => other !== entry);
    remember(`outbox ${entry.id}`, null);
  }

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

  // htmx has collected and validated the form; from here on the text is the outbox's.
  document.addEventListener('htmx:config:request', (event) => {
    const { request, sourceElement: form } = event.detail.ctx;
    if (form.id !== 'composer') return;
    event.preventDefault();
    const [id, body] = [request.body.get('client_id'), request.body.get('body')];
    outbox.push({ id, action: request.action, body, at: Date.now() });
    keep(outbox.at(-1));
    write(form, '');
    form.elements.client_id.value = newClientId();
    byId('composer-error')?.remove();
    showOutbox();
    sendNext();
  });

  async function sendNext() {
    const next = outbox.find((entry) => !entry.failed);
    if (sending || !next) return;
    sending = true;
    try {
      const body = new URLSearchParams({ client_id: next.id, body: next.body });
      const answer = await ask(next.action, { method: 'POST', body });
      const text = await answer.text();
      if (answer.ok) stored(next, text);
      else if (answer.status === 401) return void (location.href = answer.headers.get('HX-Redirect') ?? '/login');
      // Too fast: those behind it wait too, so that all arrive in their order.
      else if (answer.status === 429) await seconds(answer.headers.get('Retry-After') ?? 1);
      else refused(next, answer.status, text);
    } catch {
      next.failed = 'the server could not be reached.';
    } finally {
      sending = false;
    }
    if (next.failed) keep(next);
    showOutbox();
    sendNext();
  }

  function stored(entry, html) {
    drop(entry);
    if (isOpen(entry)) upsert(parse(html).firstElementChild);
    const link = document.querySelector(`#inbox a[href="${entry.action.replace(/\/messages$/, '')}"]`);
    link?.querySelector('.preview')?.replaceChildren('You: ', element('bdi', '', entry.body.trim()));
    link?.closest('ol').prepend(link.closest('li'));
  }

  // 409 and 422 are about the text: the same again would fail again, so it goes back to be edited.
  function refused(entry, status, html) {
    const reasons = { 404: 'this person is no longer here.', 503: 'the server cannot reach its data.' };
    const error = parse(html).querySelector('.error');
    entry.failed = reasons[status] ?? error?.textContent ?? 'something went wrong.';
    if ((status === 409 || status === 422) && isOpen(entry) && !byId('body').value) edit(entry, error);
  }

  function edit(entry, error) {
    delete entry.failed;
    drop(entry);
    const form = byId('composer');
    write(form, [form.elements.body.value, entry.body].filter(Boolean).join('\n'));
    byId('composer-error')?.remove();
    if (error) form.append(error);
    form.elements.body.focus();
  }

  function retry(entry) {
    delete entry.failed;
    keep(entry);
    showOutbox();
    sendNext();
  }

  const isOpen = (entry) => byId('composer')?.getAttribute('action') === entry.action;
  const parse = (html) => Object.assign(document.createElement('template'), { innerHTML: html }).content;

  // Puts a stored bubble in the place of its number; the same one again changes nothing. One from
  // before what is shown comes with its neighbours, when older messages are asked for.
  function upsert(bubble) {
    const list = byId('messages');
    localiseTimes(bubble);
    byId('no-messages')?.remove();
    if (byId(bubble.id)) return;
    const earlier = [...list.querySelectorAll('[data-seq]')].findLast((other) => +other.dataset.seq < +bubble.dataset.seq);
    if (earlier) earlier.after(bubble);
    else if (!list.querySelector('.more')) list.prepend(bubble);
  }

  function showOutbox() {
    for (const shown of document.querySelectorAll('#messages .unsent')) shown.remove();
    const entries = outbox.filter(isOpen);
    byId('messages')?.append(...entries.map((entry) => {
      const bubble = Object.assign(element('p', 'bubble', entry.body), { dir: 'auto' });
      const meta = element('p', 'meta', entry.failed ? `Not sent: ${entry.failed} ` : 'Sending…');
      if (entry.failed) {
        meta.append(button('Retry', () => retry(entry)), ' ', button('Edit', () => { edit(entry); showOutbox(); }));
      }
      return element('li', `message mine unsent ${entry.failed ? 'failed' : 'pending'}`, bubble, meta);
    }));
    if (entries.length) byId('messages').lastElementChild.scrollIntoView({ block: 'end' });
  }

  // --- Composer --------------------------------------------------------------------------------
  document.addEventListener('keydown', (event) => {
    const isEnter = event.target.id === 'body' && event.key === 'Enter';
    // On touch keyboards Enter breaks the line and the button sends.
    if (!isEnter || touch || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (event.target.value.trim()) event.target.form.requestSubmit();
  });

  document.addEventListener('input', (event) => {
    if (event.target.id === 'body') write(event.target.form, event.target.value);
  });

  // Sets the text, keeps it as the conversation's draft, and makes its field as tall as it is, up
  // to eight lines.
  function write(form, text) {
    const area = form.elements.body;
    if (area.value !== text) area.value = text;
    remember(`draft ${form.getAttribute('action')}`, text);
    area.classList.add('fitted');
    area.rows = 1;
    while (area.scrollHeight > area.clientHeight + 1 && area.rows < 8) area.rows += 1;
  }

  // --- Reading ---------------------------------------------------------------------------------
  const isAtEnd = () => Math.abs(document.querySelector('.history')?.scrollTop ?? 0) < 40;

  // A conversation counts as read while its end can be seen, by somebody who looks.
  async function markRead() {
    const list = byId('messages');
    if (!list || 'newer' in list.dataset || !isAtEnd() || document.visibilityState !== 'visible') return;
    const [seq, before] = [[...list.querySelectorAll('.theirs')].at(-1)?.dataset.seq ?? 0, list.dataset.read];
    if (+seq <= +before) return;
    list.dataset.read = seq;
    // The stream tells every page of the reader's, this one too, what is unread now.
    if (await post(list.dataset.action.replace(/messages$/, 'read'), { seq })) byId('mark-read')?.remove();
    else list.dataset.read = before;
  }

  // What the inbox shows has come. The last of a burst says it for those before it, and reading
  // says it too.
  async function markDelivered() {
    for (const entry of document.querySelectorAll('#conversations [data-arrived]')) {
      const { arrived } = entry.dataset;
      delete entry.dataset.arrived;
      const path = entry.querySelector('a').getAttribute('href');
      const list = byId('messages');
      const isRead = list?.dataset.action === `${path}/messages` && +list.dataset.read >= +arrived;
      if (!isRead) await post(`${path}/delivered`, { seq: arrived });
    }
  }
  document.addEventListener('visibilitychange', markRead);
  document.addEventListener('scroll', markRead, { capture: true, passive: true });

  // --- Panes -----------------------------------------------------------------------------------
  function settle() {
    localiseTimes(document);
    const form = byId('composer');
    if (form && !form.dataset.ready) {
      form.dataset.ready = 'yes';
      write(form, form.elements.body.value || recall(`draft ${form.getAttribute('action')}`) || '');
      if (!touch) form.elements.body.focus({ preventScroll: true });
      showOutbox();
      document.dispatchEvent(new Event('chat:pane'));
      markDelivered();
    }
    for (const link of document.querySelectorAll('.sidebar a[href]')) {
      if (link.getAttribute('href') === location.pathname) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    markRead();
    sendNext();
  }

  document.addEventListener('htmx:response:error', (event) => {
    if (event.detail.ctx.response.status >= 500) say('Something went wrong. Please try again.');
  });
  document.addEventListener('htmx:error', () => say('The server could not be reached.'));
  document.addEventListener('htmx:before:request', () => say(''));
  document.addEventListener('htmx:after:swap', () => {
    settle();
    // The link that brought older messages is gone; who pressed it stays where they were.
    if (document.activeElement === document.body) {
      document.querySelector('#messages .more a, .history')?.focus({ preventScroll: true });
    }
  });
  // The stream may tell of a message before its own answer does.
  function sent(id) {
    const entry = outbox.find((other) => other.id === id);
    if (entry) { drop(entry); showOutbox(); }
  }

  window.chat = { byId, parse, post, upsert, sent, settle, isAtEnd, markRead, markDelivered, ask, localiseTimes };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', settle);
  else settle();
})();
