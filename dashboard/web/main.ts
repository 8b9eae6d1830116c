// The page: state in, pictures out. What has changed is drawn anew, and nothing else moves.

import { PageState } from '../src/page-state.ts';
import type { RunBrief } from '../src/run-feed.ts';
import type { RunModel } from '../src/run-model.ts';
import { deleteRun, download, enter, mayLook, readRun, startRun, stopRun } from './actions.ts';
import { Chart, networkSpec, specs } from './charts.ts';
import { plainCommand } from './command-text.ts';
import { makeEditForm } from './edit-form.ts';
import { time } from './format.ts';
import { fillStart, makeStartForm } from './forms.ts';
import { drawKnee, drawWaterfall, type PhaseTimes } from './knee.ts';
import { Live } from './live.ts';
import { drawMarks } from './marks.ts';
import { Painter } from './painter.ts';
import { plotBox } from './plot-box.ts';
import { readCommand, type StartOptions } from './start-options.ts';
import { drawStrip, drawVerdict, elapsedText, progressOf, trialText } from './strip.ts';
import type { MadeCell } from './table.ts';
import {
  drawContainers,
  drawHistory,
  drawTrials,
  drawWorkers,
  hostTroubles,
  stageText,
  type TrialOrder,
} from './tables.ts';

const at = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const state = new PageState();
const painter = new Painter();
/** Where the scrubber of a record stands; null: the whole run. */
let momentS: number | null = null;

function tell(text: string): void {
  at('message').textContent = text;
  at('message').hidden = text === '';
}

function saveCsv(): void {
  const run = state.shown;
  if (run) download(`${run.id}.csv`, run.csv(), 'text/csv');
}

const charts = specs.map((spec) => new Chart(plotBox(spec.title, spec.unit, saveCsv), spec, redraw));
const kneeHolder = plotBox('Slots against rate', 'jobs/s, a point a trial', null);
const waterfallHolder = plotBox("Where a job's time goes", 'p50 thick, p99 thin', null);
const networkHolder = plotBox(networkSpec.title, networkSpec.unit, saveCsv);
const networkChart = new Chart(networkHolder, networkSpec, redraw);

/** A finished run tells all phases itself; of one that goes on the workers tell theirs. Runs of a tuning have ids of their own: the latest is its. */
function phaseTimes(): PhaseTimes {
  const run = state.shown;
  const own = run?.result?.latencyUs as PhaseTimes | undefined;
  const { runs } = state.sections;
  const told = runs.find((each) => each.run === run?.id) ?? (run === state.live ? runs.at(-1) : undefined);
  return own ?? (told?.latencyUs as PhaseTimes | undefined) ?? {};
}

function drawHead(): void {
  const { sections, shown } = state;
  at('run-name').textContent = shown ? plainCommand(shown.command) : '';
  at('run-name').title = shown?.command ?? '';
  at('trial').textContent = trialText(shown);
  at('stage').textContent = shown ? stageText(shown) : '';
  at('elapsed').textContent = elapsedText(shown);
  const progress = progressOf(shown);
  at<HTMLProgressElement>('progress').hidden = progress === null;
  if (progress !== null) at<HTMLProgressElement>('progress').value = progress;
  at('idle').hidden = state.running || state.opened !== null;
  at('stop').hidden = !(sections.started?.running ?? false);
  drawScrubber(shown);
}

/** What is drawn, in that order (figures and tables are cheap, plots are not), by what it shows: sections of the room's view, the run, and `look`: how it is looked at. */
function addPieces(): void {
  const run = ['run', 'look'];
  painter.add([...run, 'started'], drawHead);
  painter.add(run, () => {
    drawStrip(at('strip'), state.shown, { other: state.other, momentS });
    drawVerdict(at('verdict'), state.shown);
  });
  painter.add([...run, 'started', 'server'], drawBanner);
  painter.add(run, () =>
    drawTrials(at<HTMLTableElement>('trials'), state.shown, at<HTMLSelectElement>('order').value as TrialOrder),
  );
  painter.add(run, () => drawMarks(at('marks'), state.shown));
  painter.add(['workers'], () => drawWorkers(at<HTMLTableElement>('workers'), state.sections.workers));
  painter.add(['hosts'], () => {
    drawContainers(at<HTMLTableElement>('containers'), state.sections.hosts);
    at('hosts').textContent = hostTroubles(state.sections.hosts).join('; ');
  });
  painter.add(['history'], () => {
    const { runs, trouble } = state.sections.history;
    drawHistory(at<HTMLTableElement>('runs'), runs, historyButtons);
    at('trouble').textContent = trouble ?? '';
  });
  for (const chart of charts) painter.add(run, () => state.shown && chart.draw(state.shown, state.other));
  painter.add(run, () => {
    const { shown } = state;
    networkHolder.parentElement!.hidden = !shown?.samples.some(({ network }) => network);
    if (shown) networkChart.draw(shown, state.other);
  });
  painter.add(run, () => state.shown && drawKnee(kneeHolder, state.shown));
  painter.add([...run, 'runs'], () => drawWaterfall(waterfallHolder, phaseTimes()));
}

/** A record has a scrubber: the strip tells of the moment that it stands at, all the way to the right of the whole run. */
function drawScrubber(shown: RunModel | null): void {
  at('scrubber').hidden = state.opened === null;
  const lastS = shown?.samples.at(-1)?.atS ?? 0;
  const moment = at<HTMLInputElement>('moment');
  moment.max = String(lastS);
  if (momentS === null) moment.value = String(lastS);
  at('moment-text').textContent = momentS === null ? 'the whole run' : time(momentS);
  if (state.opened !== null) charts[0]!.point(momentS);
}

function showRun(opened: RunModel | null, other: RunModel | null): void {
  state.opened = opened;
  state.other = other;
  momentS = null;
  redraw();
  scrollTo({ top: 0 });
}

function drawBanner(): void {
  const { opened, other, shown, sections } = state;
  const lines: string[] = [];
  if (opened) lines.push('This is a record. "Back to now" shows the run that goes on.');
  const { server } = sections;
  if (server && !server.connected) {
    const since =
      server.sampledAtMs === null ? '' : `, its figures are of ${new Date(server.sampledAtMs).toLocaleTimeString()}`;
    lines.push(`The job server ${server.url} does not answer${since}.`);
  }
  if (other) lines.push(`Laid over it, in grey: ${other.id}.`);
  if (shown?.verdict?.bottleneck === 'generator')
    lines.push('The generator is the limit: these figures are its own, not the cluster’s.');
  if (sections.started?.failed) lines.push(`The last start failed: ${sections.started.failed}`);
  const reasons = shown?.result?.invalidBecause as string[] | undefined;
  if (reasons && reasons.length > 0) lines.push(`Not a valid measurement: ${reasons.join('; ')}.`);
  const banner = at('banner');
  banner.hidden = lines.length === 0;
  const back = document.createElement('button');
  back.type = 'button';
  back.textContent = 'Back to now';
  back.addEventListener('click', () => showRun(null, null));
  banner.replaceChildren(`${lines.join(' ')} `, ...(opened || other ? [back] : []));
}

function redraw(): void {
  painter.touch(['look']);
}

async function tried(action: () => Promise<unknown>): Promise<void> {
  try {
    tell('');
    await action();
  } catch (error) {
    tell((error as Error).message);
  }
}

function historyButtons(run: RunBrief): MadeCell {
  return { key: `${run.id} ${run.ended}`, make: () => buttonsOf(run) };
}

function buttonsOf(run: RunBrief): Node {
  const holder = document.createDocumentFragment();
  const add = (text: string, action: () => Promise<unknown>) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = text;
    button.addEventListener('click', () => void tried(action));
    holder.append(button, ' ');
  };
  const read = async () => PageState.read(run.id, await readRun(run.id));
  add('Open', async () => showRun(await read(), null));
  add('Lay over', async () => showRun(state.opened, await read()));
  add('JSONL', async () => download(`${run.id}.jsonl`, await readRun(run.id), 'application/x-ndjson'));
  if (run.ended) add('Delete', () => deleteRun(run.id));
  return holder;
}

function toggle(button: HTMLElement, panel: HTMLElement, onOpen = () => {}): void {
  button.addEventListener('click', () => {
    panel.hidden = !panel.hidden;
    button.setAttribute('aria-expanded', String(!panel.hidden));
    if (!panel.hidden) onOpen();
  });
}

/** One that was started from a page and goes on is stopped first: that is how a run is edited. */
async function startAnew(options: StartOptions): Promise<void> {
  if (state.sections.started?.running) {
    await stopRun();
    tell('the run before is ending …');
    while (state.sections.started?.running) await new Promise((resolve) => setTimeout(resolve, 100));
    tell('');
  }
  await startRun(options);
}

function start(options: StartOptions): void {
  showRun(null, null);
  void tried(() => startAnew(options));
}

/** What goes on, to be changed. */
function fillFromStarted(): void {
  const { started } = state.sections;
  const form = at<HTMLFormElement>('start-form');
  const options = started?.running ? readCommand(started.command) : null;
  if (options) fillStart(form, options);
  form.querySelector('button')!.textContent = options ? 'Stop that one, start this' : 'Start';
  form.querySelector('select')!.focus();
}

function setTheme(theme: string): void {
  document.documentElement.dataset.theme = theme;
  redraw();
}

/** Where no run goes on and none has since the room began, the last one that it has on record is shown. */
async function showLatest(): Promise<void> {
  const last = state.sections.history.runs.find(({ ended }) => ended);
  if (state.live || !last) return;
  const record = PageState.read(last.id, await readRun(last.id));
  if (state.live) return;
  state.live = record;
  redraw();
}

const live = new Live({
  onMessage: (message) => {
    painter.touch(state.take(message));
    if (message.number === 0) void tried(showLatest);
  },
  onStale: (sinceMs) => {
    const stale = sinceMs !== null;
    at('app').classList.toggle('stale', stale);
    at('live').classList.toggle('stale', stale);
    at('live').textContent = stale ? `old: nothing heard since ${new Date(sinceMs).toLocaleTimeString()}` : 'live';
    if (stale) void arrive();
  },
  position: () => state.position,
});

/** Asks for the token where the room wants one. */
async function arrive(): Promise<void> {
  const allowed = await mayLook();
  at('entry').hidden = allowed;
  at('app').hidden = !allowed;
  if (allowed) return;
  live.stop();
  at('entry-state').textContent = 'this control room asks for its token';
}

async function begin(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) {
    history.replaceState(null, '', location.pathname);
    await enter(token);
  }
  await arrive();
  if (at('entry').hidden) {
    at('live').textContent = 'live';
    live.connect();
  }
}

at('entry').addEventListener('submit', async (event) => {
  event.preventDefault();
  const field = at<HTMLInputElement>('token');
  const token = field.value;
  field.value = '';
  if (await enter(token)) await begin();
  else at('entry-state').textContent = 'that is not the token of this control room';
});
addPieces();
makeStartForm(at<HTMLFormElement>('start-form'), start);
toggle(at('start'), at('start-form'), fillFromStarted);
toggle(at('edit'), at('edit-form'), () => makeEditForm(at<HTMLFormElement>('edit-form'), state.sections, tell));
at('stop').addEventListener('click', () => void tried(stopRun));
at('try').addEventListener('click', () => start({ command: 'perf-test', flags: { jobs: '10000' } }));
at('tune').addEventListener('click', () => start({ command: 'tune', flags: {} }));
at('order').addEventListener('change', redraw);
at('moment').addEventListener('input', () => {
  const { value, max } = at<HTMLInputElement>('moment');
  momentS = Number(value) >= Number(max) ? null : Number(value);
  redraw();
});
at('theme').addEventListener('click', () =>
  setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'),
);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) =>
  setTheme(matches ? 'dark' : 'light'),
);
setTheme(matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
addEventListener('hashchange', () => {
  if (location.hash.startsWith('#token=')) void begin();
});
void begin();
