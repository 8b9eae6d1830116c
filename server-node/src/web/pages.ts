// What stands on each page, made from the state at the moment of asking. Bounded: a page shows the first jobs of a set, however
// many there are.

import { fromByteText } from '@jobstorm/protocol';
import { cutJid } from '../job-text.ts';
import type { Manager } from '../manager.ts';
import type { DatedJob } from '../schedule.ts';
import type { SetName } from '../state.ts';
import type { Worker } from '../workers.ts';
import { type Html, html } from './html.ts';
import { type JobView, viewJob } from './job-view.ts';
import { layout, type PageName } from './layout.ts';

/** Rows on a page. */
const maxRows = 100;

/** Makes a page; `token` goes into its forms, `query` is what stands behind the ? */
export type Page = (manager: Manager, token: string, query: URLSearchParams) => string;

function seconds(ms: number): string {
  const s = Math.abs(ms) / 1000;
  if (s < 120) return `${s.toFixed(s < 10 ? 1 : 0)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} days`;
}

/** `in 5 s`, `3 min ago`. */
const relative = (ms: number) => (ms >= 0 ? `in ${seconds(ms)}` : `${seconds(ms)} ago`);

const hidden = (name: string, value: string) => html`<input type="hidden" name="${name}" value="${value}">`;
const button = (action: string, label: string) => html`<button name="action" value="${action}">${label}</button>`;

function framed(manager: Manager, page: PageName, body: Html): string {
  const { sets, queues } = manager.state;
  const counts = {
    queues: queues.count,
    busy: manager.workers.size,
    retries: sets.retries.size,
    scheduled: sets.scheduled.size,
    morgue: sets.dead.size,
  };
  return layout(page, counts, body);
}

const nothing = (what: string) => html`<p class="quiet">${what}</p>`;
const cut = (shown: number, total: number) =>
  shown < total ? html`<p class="quiet">The first ${shown} of ${total}.</p>` : null;

const home: Page = (manager) => {
  const { faktory, server } = manager.info();
  const rows: [string, string | number][] = [
    ['Processed', faktory.total_processed],
    ['Failed', faktory.total_failures],
    ['Waiting', faktory.total_enqueued],
    ['In work', faktory.sets.working],
    ['Connections', server.connections],
    ['Commands', server.command_count],
    ['Up for', seconds(server.uptime * 1000)],
    ['Memory', `${server.used_memory_mb} MB`],
    ['Speaks as', `Faktory ${server.faktory_version}`],
  ];
  return framed(
    manager,
    '',
    html`<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<p class="quiet">Also here: <a href="stats">stats</a> (JSON), <a href="metrics">metrics</a> (Prometheus), <a href="health">health</a>.</p>`,
  );
};

const queues: Page = (manager, token) => {
  const all = [...manager.state.queues.all()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const shown = all.slice(0, 1000);
  const ages = manager.latencies(shown.map(({ name }) => name));
  const rows = shown.map(
    ({
      name,
      size,
      paused,
    }) => html`<tr><td><a href="queue?name=${encodeURIComponent(name)}">${name}</a>${paused ? html` <small>paused</small>` : null}</td>
<td class="number">${size}</td><td class="number">${size === 0 ? '' : seconds((ages.get(name) ?? 0) * 1000)}</td>
<td><form method="post" action="queues">${hidden('token', token)}${hidden('queue', name)}${paused ? button('resume', 'Resume') : button('pause', 'Pause')}
${button('clear', 'Clear')}</form></td></tr>`,
  );
  const table = html`<table><tr><th>Queue</th><th class="number">Jobs</th><th class="number">Oldest</th><th></th></tr>${rows}</table>`;
  return framed(
    manager,
    'queues',
    html`${all.length === 0 ? nothing('No queue yet.') : table}${cut(shown.length, all.length)}`,
  );
};

/** The oldest jobs of one queue. */
const queue: Page = (manager, _, query) => {
  const name = query.get('name') ?? '';
  const known = manager.state.queues.get(name);
  if (!known) return framed(manager, 'queues', nothing(`There is no queue ${JSON.stringify(name)}.`));
  const jobs: JobView[] = [];
  for (const text of known.texts()) if (jobs.push(viewJob(text)) === maxRows) break;
  const rows = jobs.map(
    (job) =>
      html`<tr><td><code>${job.jid}</code></td><td>${job.jobtype}</td><td><code>${job.args}</code></td><td>${job.enqueuedAt}</td></tr>`,
  );
  const table = html`<table><tr><th>Job</th><th>Type</th><th>Arguments</th><th>Queued at</th></tr>${rows}</table>`;
  const body = jobs.length === 0 ? nothing('Empty.') : table;
  return framed(manager, 'queues', html`<h2>${name}</h2>${body}${cut(jobs.length, known.size)}`);
};

interface SetPage {
  page: 'retries' | 'scheduled' | 'morgue';
  set: SetName;
  /** What its date is. */
  date: string;
  buttons: readonly (readonly [action: string, label: string])[];
}

const backtrace = (lines: readonly string[]) =>
  lines.length === 0
    ? null
    : html`<details><summary>Backtrace</summary><pre><code>${lines.join('\n')}</code></pre></details>`;

const failureCell = ({ failure }: JobView) =>
  failure && html`${failure.message} <small>(failed ${failure.count}×)</small>${backtrace(failure.backtrace)}`;

function setRow({ atMs, job }: DatedJob, nowMs: number): Html {
  const view = viewJob(job.text, fromByteText(cutJid(job.text, job.jidStart, job.jidLength, job.jidEscaped)));
  return html`<tr><td><label><input type="checkbox" name="jid" value="${view.jid}"> <code>${view.jid}</code></label></td>
<td>${relative(atMs - nowMs)}</td><td>${view.queue}</td><td>${view.jobtype}</td><td><code>${view.args}</code></td><td>${failureCell(view)}</td></tr>`;
}

function setPage({ page, set, date, buttons }: SetPage): Page {
  return (manager, token) => {
    const jobs = manager.state.sets[set];
    const shown = jobs.first(maxRows);
    if (shown.length === 0) return framed(manager, page, nothing('None.'));
    const rows = shown.map((entry) => setRow(entry, manager.epochMs));
    const form = html`<form method="post" action="${page}">${hidden('token', token)}
<table><tr><th>Job</th><th>${date}</th><th>Queue</th><th>Type</th><th>Arguments</th><th>Failure</th></tr>${rows}</table>
<p class="buttons">${buttons.map(([action, label]) => button(action, label))}</p>
<p class="buttons">${buttons.map(([action, label]) => button(`${action}-all`, `${label} all ${jobs.size}`))}</p></form>`;
    return framed(manager, page, html`${form}${cut(shown.length, jobs.size)}`);
  };
}

const workerRow = (worker: Worker, nowMs: number) => {
  const { wid, hostname, pid, labels } = worker.identity;
  return html`<tr><td><label><input type="checkbox" name="wid" value="${wid}"> <code>${wid}</code></label></td><td>${hostname} <small>${pid}</small></td>
<td>${labels.join(', ')}</td><td>${worker.state}</td><td class="number">${worker.connections.size}</td>
<td class="number">${worker.rssKb === 0 ? '' : `${Math.round(worker.rssKb / 1024)} MiB`}</td><td>${relative(worker.seenMs - nowMs)}</td></tr>`;
};

const busy: Page = (manager, token) => {
  const workers = [...manager.workers.all()].slice(0, 1000);
  const table = html`<form method="post" action="busy">${hidden('token', token)}
<table><tr><th>Worker</th><th>Host</th><th>Labels</th><th>State</th><th class="number">Connections</th><th class="number">Memory</th><th>Last seen</th></tr>
${workers.map((worker) => workerRow(worker, manager.nowMs))}</table>
<p class="buttons">${button('quiet', 'Quiet')}${button('terminate', 'Terminate')}<label><input type="checkbox" name="wid" value="*"> all workers</label></p></form>`;
  const { reservations } = manager.state;
  const inWork = reservations.expired(Number.POSITIVE_INFINITY, maxRows);
  const rows = inWork.map((reservation) => {
    const view = viewJob(reservation.text, fromByteText(reservation.jid));
    return html`<tr><td><code>${view.jid}</code></td><td>${view.queue}</td><td>${view.jobtype}</td><td><code>${view.args}</code></td>
<td>${relative(reservation.expiresAtMs - manager.nowMs)}</td></tr>`;
  });
  return framed(
    manager,
    'busy',
    html`${workers.length === 0 ? nothing('No worker is connected.') : table}
<h2>Jobs in work</h2>${inWork.length === 0 ? nothing('None.') : html`<table><tr><th>Job</th><th>Queue</th><th>Type</th><th>Arguments</th><th>Goes back</th></tr>${rows}</table>`}
${cut(inWork.length, reservations.size)}`,
  );
};

const retry = ['retry', 'Retry'] as const;
const kill = ['kill', 'Kill'] as const;
const remove = ['delete', 'Delete'] as const;

/** Path without its first slash → page. */
export const pages: ReadonlyMap<string, Page> = new Map([
  ['', home],
  ['queues', queues],
  ['queue', queue],
  ['busy', busy],
  ['retries', setPage({ page: 'retries', set: 'retries', date: 'Next try', buttons: [retry, kill, remove] })],
  [
    'scheduled',
    setPage({ page: 'scheduled', set: 'scheduled', date: 'Due', buttons: [['retry', 'Queue'], kill, remove] }),
  ],
  ['morgue', setPage({ page: 'morgue', set: 'dead', date: 'Dropped', buttons: [retry, remove] })],
]);
