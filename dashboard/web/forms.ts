// The forms of the page: what to start, and what to change of parts that run.

import type { LiveApi, LiveWorker } from '../src/page-state.ts';
import { changeSettings, type StartOptions } from './actions.ts';

interface Field {
  name: string;
  label: string;
  value: string;
  /** Of an input that takes text. */
  pattern?: string;
  options?: readonly string[];
}

function inputOf({ name, value, pattern, options }: Field): HTMLInputElement | HTMLSelectElement {
  if (options) {
    const select = document.createElement('select');
    for (const option of options) select.append(new Option(option, option, false, option === value));
    select.name = name;
    return select;
  }
  const input = document.createElement('input');
  input.name = name;
  input.value = value;
  if (pattern) input.pattern = pattern;
  return input;
}

function labelled(field: Field): HTMLLabelElement {
  const label = document.createElement('label');
  label.append(field.label, inputOf(field));
  return label;
}

function button(text: string, type: 'submit' | 'button' = 'submit'): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = type;
  element.textContent = text;
  return element;
}

const whole = '[0-9]*';
const length = '([0-9.]+(ms|s|m|h))?';

const startFields: readonly Field[] = [
  { name: 'command', label: 'what', value: 'perf-test', options: ['perf-test', 'tune'] },
  { name: 'jobs', label: 'jobs', value: '10000', pattern: whole },
  { name: 'duration', label: 'or for (10s)', value: '', pattern: length },
  { name: 'rate', label: 'rate, jobs/s', value: '', pattern: '[0-9.]*' },
  { name: 'jobtype', label: 'job type', value: 'noop', options: ['noop', 'add', 'sleep', 'spin', 'payload', 'flaky'] },
  { name: 'service-time', label: 'service time', value: '', pattern: length },
  {
    name: 'goal',
    label: 'goal of a tuning',
    value: 'rate',
    options: ['rate', 'rate-per-core', 'p99<50ms', 'p99<200ms'],
  },
  { name: 'trials', label: 'trials at most', value: '', pattern: whole },
];
const onlyOf: Record<StartOptions['command'], readonly string[]> = {
  'perf-test': ['jobs', 'duration', 'rate', 'jobtype', 'service-time'],
  tune: ['goal', 'trials', 'jobtype', 'service-time'],
};

export function readStart(form: HTMLFormElement): StartOptions {
  const data = new FormData(form);
  const command = String(data.get('command')) as StartOptions['command'];
  const flags: Record<string, string> = {};
  for (const name of onlyOf[command]) {
    const value = String(data.get(name) ?? '').trim();
    if (value !== '') flags[name] = value;
  }
  if (flags.duration && flags.rate === undefined) delete flags.jobs;
  return { command, flags };
}

function showFieldsOf(form: HTMLFormElement): void {
  const { command } = readStart(form);
  for (const label of form.querySelectorAll('label')) {
    const name = label.querySelector<HTMLInputElement>('input, select')!.name;
    label.hidden = name !== 'command' && !onlyOf[command].includes(name);
  }
}

/** Fields keep what was typed for the next run: that is how a run is edited. */
export function makeStartForm(form: HTMLFormElement, onStart: (options: StartOptions) => void): void {
  form.replaceChildren(...startFields.map(labelled), button('Start'));
  form.addEventListener('change', () => showFieldsOf(form));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    onStart(readStart(form));
  });
  showFieldsOf(form);
}

/** One row of fields for the workers together and one for each api-service; what is left empty stays as it is. */
export function makeEditForm(
  form: HTMLFormElement,
  parts: { workers: readonly LiveWorker[]; apis: readonly LiveApi[] },
  tell: (text: string) => void,
): void {
  const groups = new Map(parts.workers.map((worker) => [worker.hello.group, worker]));
  const rows = [
    ...[...groups.values()].map(({ id, hello }) => ({
      part: id,
      title: `worker on ${hello.host}`,
      fields: [
        { name: 'slots', label: 'slots', value: '', pattern: whole },
        { name: 'processes', label: 'processes', value: '', pattern: whole },
      ],
    })),
    ...parts.apis.map(({ id, hello }) => ({
      part: id,
      title: `api-service on ${hello.host}`,
      fields: [
        { name: 'batchMaxSize', label: 'BATCH_MAX_SIZE', value: '', pattern: whole },
        { name: 'batchMaxDelayMs', label: 'BATCH_MAX_DELAY_MS', value: '', pattern: whole },
      ],
    })),
  ];
  const sets = rows.map(({ part, title, fields }) => {
    const set = document.createElement('fieldset');
    const legend = document.createElement('legend');
    legend.textContent = title;
    set.append(legend, ...fields.map(labelled));
    set.dataset.part = part;
    return set;
  });
  form.replaceChildren(
    ...(sets.length > 0 ? [...sets, button('Change')] : ['no part that could be changed is connected']),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    void Promise.all(sets.map((set) => change(set)))
      .then(() => tell('changed: the markers in the plots show when it took effect'))
      .catch((error: Error) => tell(error.message));
  };
}

async function change(set: HTMLFieldSetElement): Promise<void> {
  const settings: Record<string, number> = {};
  for (const input of set.querySelectorAll('input')) if (input.value !== '') settings[input.name] = Number(input.value);
  if (Object.keys(settings).length > 0) await changeSettings(set.dataset.part!, settings);
}
