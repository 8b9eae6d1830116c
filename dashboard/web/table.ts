// A table that is brought up to date cell by cell: what did not change is not touched, so that a button keeps its focus and a text its
// selection while figures go on. All text goes in as text, never as HTML.

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
    if (had === '' && cell.textContent === content) return;
    cell.textContent = content;
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

/** `none`: what is said in place of rows where there are none. */
export function fill(
  table: HTMLTableElement,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  none: string,
): void {
  if (!table.tHead) table.append(headOf(head), document.createElement('tbody'));
  const body = table.tBodies[0]!;
  const shown = rows.length > 0 ? rows : [[none]];
  while (body.rows.length > shown.length) body.deleteRow(-1);
  for (const [at, cells] of shown.entries()) fillRow(body.rows[at] ?? body.insertRow(), cells);
  const first = body.rows[0]!.cells[0]!;
  first.colSpan = rows.length > 0 ? 1 : head.length;
  first.classList.toggle('quiet', rows.length === 0);
}
