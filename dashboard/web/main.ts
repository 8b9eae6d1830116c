// The page: state in, pictures out. What has changed is drawn anew, and nothing else moves.

import { PageState } from '../src/page-state.ts';
import type { RunModel } from '../src/run-model.ts';
import { download, enter, mayLook, readRun, startRun, stopRun } from './actions.ts';
import { bannerLines, drawBanner } from './banner.ts';
import { Chart, specs } from './charts.ts';
import { plainCommand } from './command-text.ts';
import { makeEditForm } from './edit-form.ts';
import { time } from './format.ts';
import { fillStart, makeStartForm } from './forms.ts';
import { drawKnee } from './knee.ts';
import { Live } from './live.ts';
import { drawMarks } from './marks.ts';
import { Painter } from './painter.ts';
import { plotBox } from './plot-box.ts';
import { PlotPace } from './plot-pace.ts';
import { type RecordActions, recordButtons } from './record-buttons.ts';
import { readCommand, type StartOptions } from './start-options.ts';
import { drawStrip, drawVerdict, elapsedText, progressOf, trialText } from './strip.ts';
import {
  drawContainers,
  drawHistory,
  drawTrials,
  drawWorkers,
  hostTroubles,
  stageText,
  type TrialOrder,
} from './tables.ts';
import { setText } from './text.ts';
import { drawWaterfall, type PhaseTimes } from './waterfall.ts';

const at = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const state = new PageState();
const painter = new Painter();
/** Where the scrubber of a record stands; null: the whole run. */
let momentS: number | null = null;

function tell(text: string, well = false): void {
  at('message').textContent = text;
  at('message').classList.toggle('well', well);
  at('message').hidden = text === '';
}

function saveCsv(): void {
  const run = state.shown;
  if (run) download(`${run.id}.csv`, run.csv(), 'text/csv');
}

const charts = specs.map((spec) => new Chart(plotBox(spec.title, spec.unit, saveCsv), spec, redraw));
const kneeHolder = plotBox('Slots against rate', 'jobs/s; a point a trial, the best filled; dashed: fitted', null);
kneeHolder.parentElement!.id = 'knee';
const waterfallHolder = plotBox("Where a job's time goes", 'p50 thick, p99 thin', null);

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
  setText(at('run-name'), shown ? plainCommand(shown.command) : '');
  at('run-name').title = shown?.command ?? '';
  setText(at('trial'), trialText(shown));
  setText(at('stage'), shown ? stageText(shown, state.goesOn(shown)) : '');
  setText(at('elapsed'), elapsedText(shown));
  const progress = shown && state.goesOn(shown) ? progressOf(shown) : null;
  at<HTMLProgressElement>('progress').hidden = progress === null;
  if (progress !== null) at<HTMLProgressElement>('progress').value = progress;
  at('idle').hidden = state.running || state.opened !== null;
  // Nothing is drawn where there is nothing to see.
  at('plots').hidden = shown === null;
  const tuned = (shown?.trials.size ?? 0) > 0;
  at('trial-list').hidden = !tuned;
  kneeHolder.parentElement!.hidden = !tuned;
  at('stop').hidden = !(sections.started?.running ?? false);
  drawScrubber(shown);
}

/** What is drawn, in that order (figures and tables are cheap, plots are not), by what it shows: sections of the room's view, the run, and `look`: how it is looked at. */
function addPieces(): void {
  const run = ['run', 'look'];
  painter.add([...run, 'started', 'history'], drawHead);
  painter.add(run, () => {
    drawStrip(at('strip'), state.shown, { other: state.other, momentS });
    drawVerdict(at('verdict'), state.shown);
  });
  painter.add([...run, 'started', 'server'], () => {
    const away = state.opened !== null || state.other !== null;
    drawBanner(at('banner'), bannerLines(state), away ? () => showRun(null, null) : null);
  });
  painter.add(run, () =>
    drawTrials(at<HTMLTableElement>('trials'), state.shown, at<HTMLSelectElement>('order').value as TrialOrder),
  );
  painter.add(run, () => drawMarks(at('marks'), state.shown));
  painter.add(['workers'], () => drawWorkers(at<HTMLTableElement>('workers'), state.sections.workers));
  painter.add(['hosts'], () => {
    drawContainers(at<HTMLTableElement>('containers'), state.sections.hosts);
    setText(at('hosts'), hostTroubles(state.sections.hosts).join('; '));
  });
  painter.add(['history'], () => {
    const { runs, trouble } = state.sections.history;
    drawHistory(at<HTMLTableElement>('runs'), runs, (run) => recordButtons(run, records));
    setText(at('trouble'), trouble ?? '');
  });
  for (const chart of charts) painter.add(['plots', 'look'], () => state.shown && chart.draw(state.shown, state.other));
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
  setText(at('moment-text'), momentS === null ? 'the whole run' : time(momentS));
  if (state.opened !== null) charts[0]!.point(momentS);
}

function showRun(opened: RunModel | null, other: RunModel | null): void {
  state.opened = opened;
  state.other = other;
  momentS = null;
  redraw();
  scrollTo({ top: 0 });
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

/** A record as a model; that which is shown as the latest run is there already. */
async function readRecord(id: string): Promise<RunModel> {
  if (state.live?.id === id && state.live.ended) return state.live;
  return PageState.read(id, await readRun(id));
}

const records: RecordActions = {
  open: async (id) => showRun(await readRecord(id), null),
  layOver: async (id) => showRun(state.opened, await readRecord(id)),
  tried,
};

/** Opens and closes a panel by its button; Escape closes it too. What closes it has the focus back at the button. */
function toggle(button: HTMLElement, panel: HTMLElement, onOpen = () => {}): void {
  const show = (open: boolean) => {
    panel.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) onOpen();
    else button.focus();
  };
  button.addEventListener('click', () => show(panel.hidden === true));
  panel.addEventListener('keydown', ({ key }) => key === 'Escape' && show(false));
  panel.addEventListener('close', () => show(false));
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
  if (!at('start-form').hidden) at('start-form').dispatchEvent(new Event('close'));
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

const plotPace = new PlotPace();

const live = new Live({
  onMessage: (message) => {
    const news = state.take(message);
    painter.touch(state.live && news.includes('run') && plotPace.isDue(state.live) ? [...news, 'plots'] : news);
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
/** In one column the trials stand right under rate and latency, for the eye and for the tab key alike. */
function placeTrials(narrow: boolean): void {
  const [plots, trials] = [at('plots'), at('trial-list')];
  if (narrow) plots.children[1]!.after(trials);
  else plots.after(trials);
}

const narrow = matchMedia('(max-width: 900px)');
narrow.addEventListener('change', ({ matches }) => placeTrials(matches));
placeTrials(narrow.matches);
for (const holder of [kneeHolder, waterfallHolder]) new ResizeObserver(redraw).observe(holder);
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
