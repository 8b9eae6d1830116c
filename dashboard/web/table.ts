// A table that is brought up to date cell by cell: what did not change is not touched, so that a button keeps its focus and a text its
// selection while figures go on. All text goes in as text, never as HTML.

import { setText } from './text.ts';

/** Something else than text; made anew only when its key changes. */
export interface MadeCell {
  key: string;
  make(): Node;
}

export type Cell = string | MadeCell;

function fillCell(cell: HTMLTableCellElement, content: Cell): void {
  const key = typeof content === 'string' ? '' : content.key;
  const had = cell.dataset.key ?? '';
  if (typeof content === 'string') {
    setText(cell, content);
    if (had === '') return;
  } else {
    if (had === key) return;
    cell.replaceChildren(content.make());
  }
  cell.dataset.key = key;
}

function fillRow(row: HTMLTableRowElement, cells: readonly Cell[]): void {
  while (row.cells.length > cells.length) row.deleteCell(-1);
  for (const [at, content] of cells.entries()) fillCell(row.cells[at] ?? row.insertCell(), content);
}

function headOf(texts: readonly string[]): HTMLTableSectionElement {
  const row = document.createElement('tr');
  for (const text of texts) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.append(text);
    row.append(cell);
  }
  const head = document.createElement('thead');
  head.append(row);
  return head;
}

export interface Row {
  /** Whose row it is: it stays the same element wherever it moves. */
  key: string;
  cells: readonly Cell[];
}

/** `none`: what is said in place of rows where there are none. */
export function fill(table: HTMLTableElement, head: readonly string[], rows: readonly Row[], none: string): void {
  if (!table.tHead) table.append(headOf(head), document.createElement('tbody'));
  const body = table.tBodies[0]!;
  const shown = rows.length > 0 ? rows : [{ key: 'none', cells: [none] }];
  const keys = new Set(shown.map(({ key }) => key));
  const known = new Map<string, HTMLTableRowElement>();
  for (const row of [...body.rows]) {
    const key = row.dataset.key ?? '';
    if (keys.has(key)) known.set(key, row);
    else row.remove();
  }
  for (const [at, { key, cells }] of shown.entries()) {
    const row = known.get(key) ?? document.createElement('tr');
    row.dataset.key = key;
    if (body.rows[at] !== row) body.insertBefore(row, body.rows[at] ?? null);
    fillRow(row, cells);
  }
  if (rows.length > 0) return;
  const cell = body.rows[0]!.cells[0]!;
  cell.colSpan = head.length;
  cell.className = 'quiet';
}
