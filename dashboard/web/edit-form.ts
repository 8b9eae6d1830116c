// What can be changed of parts while they run: slots and processes of workers, batches of api-services. Each field shows what is in force;
// one that is left empty changes nothing.

import type { LiveApi, LiveWorker } from '../src/page-state.ts';
import { changeSettings } from './actions.ts';
import { button, labelled, whole } from './forms.ts';

interface Row {
  /** Id of the part; of a worker any process will do. */
  part: string;
  title: string;
  fields: readonly (readonly [name: string, label: string])[];
}

function rowsOf(workers: readonly LiveWorker[], apis: readonly LiveApi[]): Row[] {
  const groups = new Map(workers.map((worker) => [worker.hello.group, worker]));
  return [
    ...[...groups.values()].map(({ id, hello }) => ({
      part: id,
      title: `worker on ${hello.host}`,
      fields: [
        ['slots', 'slots'],
        ['processes', 'processes'],
      ] as const,
    })),
    ...apis.map(({ id, hello }) => ({
      part: id,
      title: `api-service on ${hello.host}`,
      fields: [
        ['batchMaxSize', 'BATCH_MAX_SIZE'],
        ['batchMaxDelayMs', 'BATCH_MAX_DELAY_MS'],
      ] as const,
    })),
  ];
}

interface Outcome {
  inForce: Record<string, unknown>;
}

/** What is being typed stays: it is asked for while the form is open already. */
function show(set: HTMLFieldSetElement, { inForce }: Outcome): void {
  for (const input of set.querySelectorAll('input')) {
    input.placeholder = String(inForce[input.name] ?? '');
  }
}

/** In one sentence; '' where nothing was to be changed. @throws Refused with what the part says */
async function change(set: HTMLFieldSetElement): Promise<string> {
  const wanted: Record<string, number> = {};
  for (const input of set.querySelectorAll('input')) if (input.value !== '') wanted[input.name] = Number(input.value);
  if (Object.keys(wanted).length === 0) return '';
  const outcome = (await changeSettings(set.dataset.part!, wanted)) as Outcome;
  for (const input of set.querySelectorAll('input')) input.value = '';
  show(set, outcome);
  const words = Object.keys(wanted).map((name) => `${name} ${outcome.inForce[name]}`);
  return `${set.querySelector('legend')!.textContent}: ${words.join(', ')}`;
}

type Say = (text: string, well?: boolean) => void;

async function changeAll(sets: readonly HTMLFieldSetElement[], tell: Say): Promise<void> {
  const said: string[] = [];
  try {
    // One after the other, so that what is refused leaves it clear what was taken.
    for (const set of sets) said.push(await change(set));
    const changed = said.filter((text) => text !== '');
    if (changed.length > 0) tell(`In force now: ${changed.join('; ')}.`, true);
    else tell('Nothing to change: all fields are empty.');
  } catch (error) {
    tell((error as Error).message);
  }
}

export function makeEditForm(
  form: HTMLFormElement,
  parts: { workers: readonly LiveWorker[]; apis: readonly LiveApi[] },
  tell: Say,
): void {
  const sets = rowsOf(parts.workers, parts.apis).map(({ part, title, fields }) => {
    const set = document.createElement('fieldset');
    const legend = document.createElement('legend');
    legend.textContent = title;
    set.append(legend, ...fields.map(([name, label]) => labelled({ name, label, value: '', pattern: whole })));
    set.dataset.part = part;
    // With nothing to change it says what is in force.
    void changeSettings(part, {})
      .then((outcome) => show(set, outcome as Outcome))
      .catch((error: Error) => tell(error.message));
    return set;
  });
  form.replaceChildren(
    ...(sets.length > 0 ? [...sets, button('Change')] : ['no part that could be changed is connected']),
  );
  form.querySelector('input')?.focus();
  form.onsubmit = (event) => {
    event.preventDefault();
    void changeAll(sets, tell);
  };
}
