// The page at GET /: the latest numbers as plain tables, asked for once a second. It is three constants rather than files, so
// that a bundle holds it. Everything that comes from parts is put in as text, never as HTML. With a token set, it is opened as
// /#token=…: what stands behind # is not sent, so it gets into no log.

export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>jobstorm control room</title>
<link rel="stylesheet" href="/page.css">
<h1>jobstorm control room</h1>
<p id="state" role="status">asking …</p>
<h2>Runs</h2><table id="runs"></table>
<h2>Parts</h2><table id="parts"></table>
<h2>Job server</h2><table id="server"></table>
<script src="/page.js"></script>
</html>
`;

export const pageStyle = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
table { border-collapse: collapse; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
th { border-bottom: 1px solid; font-weight: 600; }
`;

export const pageScript = `'use strict';
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const show = (value) => value === null || value === undefined ? '–' : typeof value === 'number' ? number.format(value) : String(value);
const ms = (us) => us === undefined ? null : us / 1000;

function fill(id, head, rows) {
  const table = document.getElementById(id);
  const line = (cells, kind) => {
    const row = document.createElement('tr');
    for (const cell of cells) row.appendChild(document.createElement(kind)).textContent = show(cell);
    return row;
  };
  table.replaceChildren(...(rows.length > 0 ? [line(head, 'th'), ...rows.map((row) => line(row, 'td'))] : [line(['none'], 'td')]));
}

function draw({ runs, parts, server }) {
  fill('runs', ['run', 'completed', 'failed', 'duplicated', 'workers', 'p50 ms', 'p99 ms'], [...runs].reverse().map((run) => [
    run.run, run.completed, run.failed, run.duplicated, run.parts, ms(run.latencyUs.endToEnd?.p50), ms(run.latencyUs.endToEnd?.p99)]));
  fill('parts', ['part', 'host', 'pid', 'server', 'done', 'busy', 'memory MB'], parts.map(({ part, hello, state }) => [
    part, hello.host, String(hello.pid), state.connected ? 'connected' : 'away',
    part === 'worker' ? state.totals.completed : state.totals.accepted,
    part === 'worker' ? state.slots.running + ' of ' + state.slots.total : state.waiting + ' waiting',
    state.usage.rssBytes / 2 ** 20]));
  fill('server', ['address', 'state', 'queued', 'working', 'retries', 'dead'], server ? [[
    server.url, server.connected ? 'connected' : 'away', server.enqueued, server.working, server.retries, server.dead]] : []);
}

async function ask() {
  const state = document.getElementById('state');
  try {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    const reply = await fetch('/stats', { headers: token ? { authorization: 'Bearer ' + token } : {} });
    const body = await reply.json();
    if (reply.ok) draw(body);
    state.textContent = reply.ok ? 'live, ' + new Date().toLocaleTimeString() : body.error;
  } catch {
    state.textContent = 'the control room does not answer; the numbers below are old';
  }
  setTimeout(ask, 1000);
}
ask();
`;
