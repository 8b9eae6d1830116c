// The form of what to start, and the fields that all forms are made of.

import type { StartOptions } from './start-options.ts';

export interface Field {
  name: string;
  label: string;
  value: string;
  /** Of an input that takes text. */
  pattern?: string;
  /** Shown while it is empty. */
  hint?: string;
  options?: readonly string[];
}

function inputOf({ name, value, pattern, hint, options }: Field): HTMLInputElement | HTMLSelectElement {
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
  if (hint) input.placeholder = hint;
  return input;
}

export function labelled(field: Field): HTMLLabelElement {
  const label = document.createElement('label');
  label.append(field.label, inputOf(field));
  return label;
}

export function button(text: string, type: 'submit' | 'button' = 'submit'): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = type;
  element.textContent = text;
  return element;
}

export const whole = '[0-9]*';
const length = '([0-9.]+(ms|s|m|h))?';
const range = '([0-9]+(:[0-9]+)?)?';

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
  { name: 'trials', label: 'trials at most', value: '', pattern: whole, hint: '40' },
  { name: 'slots', label: 'slots to try', value: '', pattern: range, hint: '250:16000' },
  { name: 'batch-size', label: 'batch sizes to try', value: '', pattern: range, hint: '50:800' },
  { name: 'window', label: 'a trial takes', value: '', pattern: length, hint: '5s' },
  { name: 'settle', label: 'after settling for', value: '', pattern: length, hint: '1s' },
];
const onlyOf: Record<StartOptions['command'], readonly string[]> = {
  'perf-test': ['jobs', 'duration', 'rate', 'jobtype', 'service-time'],
  tune: ['goal', 'trials', 'slots', 'batch-size', 'window', 'settle', 'jobtype', 'service-time'],
};

export function readStart(form: HTMLFormElement): StartOptions {
  const data = new FormData(form);
  const command = String(data.get('command')) as StartOptions['command'];
  const flags: Record<string, string> = {};
  for (const name of onlyOf[command]) {
    const value = String(data.get(name) ?? '').trim();
    if (value !== '') flags[name] = value;
  }
  if (flags.duration) delete flags.jobs; // the one or the other says when it ends
  return { command, flags };
}

function showFieldsOf(form: HTMLFormElement): void {
  const { command } = readStart(form);
  for (const label of form.querySelectorAll('label')) {
    const name = label.querySelector<HTMLInputElement>('input, select')!.name;
    label.hidden = name !== 'command' && !onlyOf[command].includes(name);
  }
}

/** What a run was started with: to be changed and started anew. */
export function fillStart(form: HTMLFormElement, { command, flags }: StartOptions): void {
  for (const input of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')) {
    if (input.name === 'command') input.value = command;
    else if (onlyOf[command].includes(input.name))
      input.value = flags[input.name] ?? (input.name === 'jobtype' ? 'noop' : '');
  }
  showFieldsOf(form);
}

/** Fields keep what was typed for the next run. */
export function makeStartForm(form: HTMLFormElement, onStart: (options: StartOptions) => void): void {
  form.replaceChildren(...startFields.map(labelled), button('Start'));
  form.addEventListener('change', () => showFieldsOf(form));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    onStart(readStart(form));
  });
  showFieldsOf(form);
}
