// The page's script: asks for /stats once a second and draws it. Everything that comes from parts is put in as text, never as HTML.
//
//   opened as /#token=… ──▶ POST /session ──▶ a cookie that scripts can't read; the token leaves the address bar ──▶ asking
//   401 ──▶ the form asks for the token ──▶ POST /session ──▶ asking
//
// What stands behind # is not sent by browsers, so the token gets into no log; it is kept nowhere.

export const pageScript = `'use strict';
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const byId = (id) => document.getElementById(id);
const show = (value) => value === null || value === undefined ? '–' : typeof value === 'number' ? number.format(value) : String(value);
const ms = (us) => us === undefined ? null : us / 1000;
const mega = (bytes) => bytes === null ? null : Math.round(bytes / 2 ** 20);
const percent = (share) => share === null ? null : Math.round(share * 100) + '%';

function fill(id, head, rows) {
  const line = (cells, kind) => {
    const row = document.createElement('tr');
    for (const cell of cells) row.appendChild(document.createElement(kind)).textContent = show(cell);
    return row;
  };
  byId(id).replaceChildren(...(rows.length > 0 ? [line(head, 'th'), ...rows.map((row) => line(row, 'td'))] : [line(['none'], 'td')]));
}

function trouble({ host, live, seenAtMs, unavailable }) {
  const since = new Date(seenAtMs).toLocaleTimeString();
  if (!live) return host + ': its docker-stats has gone; its containers are shown as they were at ' + since;
  return unavailable === null ? null : host + ': its containers are not read: ' + unavailable;
}

function drawContainers(hosts) {
  byId('hosts').replaceChildren(...hosts.map(trouble).filter((text) => text !== null).map((text) => {
    const line = document.createElement('p');
    line.textContent = text;
    return line;
  }));
  fill('containers', ['container', 'host', 'state', 'cores used', 'of', '%', 'throttled', 'memory MB', 'of', 'net in MB', 'net out MB'],
    hosts.flatMap(({ host, live, hostCores, containers }) => containers.map((c) => {
      const cap = c.capCores === null ? hostCores : c.capCores;
      const used = live ? c.usedCores : null;
      return [c.name, host, live ? c.state : 'not known', used, cap, used === null || cap === 0 ? null : percent(used / cap),
        live ? percent(c.throttledShare) : null, mega(c.memoryBytes), mega(c.memoryLimitBytes), mega(c.networkRxBytes), mega(c.networkTxBytes)];
    })));
}

function draw({ runs, parts, server, hosts }) {
  fill('runs', ['run', 'completed', 'failed', 'duplicated', 'workers', 'p50 ms', 'p99 ms'], [...runs].reverse().map((run) => [
    run.run, run.completed, run.failed, run.duplicated, run.parts, ms(run.latencyUs.endToEnd?.p50), ms(run.latencyUs.endToEnd?.p99)]));
  fill('parts', ['part', 'host', 'pid', 'server', 'done', 'busy', 'memory MB'], parts.map(({ part, hello, state }) => [
    part, hello.host, String(hello.pid), state.connected ? 'connected' : 'away',
    part === 'worker' ? state.totals.completed : state.totals.accepted,
    part === 'worker' ? state.slots.running + ' of ' + state.slots.total : state.waiting + ' waiting',
    mega(state.usage.rssBytes)]));
  fill('server', ['address', 'state', 'queued', 'working', 'retries', 'dead'], server ? [[
    server.url, server.connected ? 'connected' : 'away', server.enqueued, server.working, server.retries, server.dead]] : []);
  drawContainers(hosts);
}

function reveal(entry) {
  byId('entry').hidden = !entry;
  byId('figures').hidden = entry;
}

let timer = 0;

async function ask() {
  clearTimeout(timer);
  const state = byId('state');
  try {
    const reply = await fetch('/stats');
    const body = await reply.json();
    if (reply.status === 401) {
      state.textContent = 'this control room asks for its token';
      return reveal(true);
    }
    if (reply.ok) draw(body);
    if (reply.ok) reveal(false);
    state.textContent = reply.ok ? 'live, ' + new Date().toLocaleTimeString() : body.error;
  } catch {
    state.textContent = 'the control room does not answer; the numbers below are old';
  }
  timer = setTimeout(ask, 1000);
}

async function enter(token) {
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch('/session', { method: 'POST', headers, body: JSON.stringify({ token }) }).catch(() => null);
  if (reply?.status === 401) {
    reveal(true);
    byId('state').textContent = 'that is not the token of this control room';
  } else await ask();
}

async function arrive() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return ask();
  history.replaceState(null, '', location.pathname);
  await enter(token);
}

byId('entry').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = byId('token');
  const token = field.value;
  field.value = '';
  void enter(token);
});
addEventListener('hashchange', () => void arrive());
void arrive();
`;
