// What can be done with a record, as buttons in its row.

import type { RunBrief } from '../src/run-feed.ts';
import { deleteRun, download, readRun } from './actions.ts';
import type { MadeCell } from './table.ts';

export interface RecordActions {
  open(id: string): Promise<unknown>;
  layOver(id: string): Promise<unknown>;
  /** Does it, and says why not where it fails. */
  tried(action: () => Promise<unknown>): Promise<void>;
}

function buttonOf(text: string, run: RunBrief, action: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = text;
  button.setAttribute('aria-label', `${text}: ${run.command}`);
  button.addEventListener('click', action);
  return button;
}

/** Deletes at the second click, as nothing brings a record back; what takes the focus away takes the first one back. */
function deleteButton(run: RunBrief, remove: () => void): HTMLButtonElement {
  const words = 'Delete';
  const button = buttonOf(words, run, () => {
    if (button.classList.contains('sure')) return remove();
    button.classList.add('sure');
    button.textContent = 'Really delete';
    button.setAttribute('aria-label', `Really delete: ${run.command}`);
  });
  button.addEventListener('blur', () => {
    button.classList.remove('sure');
    button.textContent = words;
    button.setAttribute('aria-label', `${words}: ${run.command}`);
  });
  return button;
}

export function recordButtons(run: RunBrief, { open, layOver, tried }: RecordActions): MadeCell {
  const make = () => {
    const holder = document.createDocumentFragment();
    holder.append(
      buttonOf('Open', run, () => void tried(() => open(run.id))),
      buttonOf('Lay over', run, () => void tried(() => layOver(run.id))),
      buttonOf('JSONL', run, () => {
        void tried(async () => download(`${run.id}.jsonl`, await readRun(run.id), 'application/x-ndjson'));
      }),
    );
    if (!run.goesOn) holder.append(deleteButton(run, () => void tried(() => deleteRun(run.id))));
    return holder;
  };
  return { key: `${run.id} ${run.goesOn}`, make };
}
