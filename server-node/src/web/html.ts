// HTML out of text that anybody may have written: whatever goes into a template is escaped, save what came out of one.
// Invariant: a `Html` holds markup of ours alone.

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it may stand in HTML, between tags and in quoted attributes. Control characters that HTML does not allow become U+FFFD. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (char) => entities[char]!)
    .replace(/[\p{Cc}\p{Cs}]/gu, (char) => (char === '\n' || char === '\t' ? char : '\ufffd'));
}

export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Piece = Html | string | number | null | readonly Piece[];

function markupOf(piece: Piece): string {
  if (piece instanceof Html) return piece.markup;
  if (piece === null) return '';
  if (typeof piece === 'object') return piece.map(markupOf).join('');
  return escapeHtml(String(piece));
}

/** A template: html`<td>${text}</td>`; arrays are joined, null is nothing. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.map((string, i) => string + markupOf(pieces[i] ?? null)).join(''));
}
