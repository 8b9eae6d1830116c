// JSON in and out of jobs. It is stricter than JSON.parse where Faktory is (nesting, numbers beyond a double), mends what UTF-8 can't carry
// (lone surrogates), and writes at any depth: JSON.stringify overflows the stack at a few thousand levels.
// Invariant: what is written here is valid JSON on one line and can be sent as UTF-8 without loss.

/** Deepest nesting taken, the job itself counted, as Go's decoder has it. */
export const maxDepth = 10_000;
/** Below this size, text nested all the way through costs JSON.parse little memory; above it, depth is checked beforehand. */
const checkDepthFrom = 1024 * 1024;

/** Text that is no JSON, or JSON that can't be kept. The message goes to the client. */
export class JsonError extends Error {}

const tooDeep = () => new JsonError('exceeded max depth');

/** @throws JsonError */
export function parseJson(text: string): unknown {
  if (text.length > checkDepthFrom) checkDepth(text);
  try {
    return JSON.parse(mendSurrogates(text));
  } catch (error) {
    if (text.trim() === '') throw new JsonError('unexpected end of JSON input');
    throw new JsonError(error instanceof SyntaxError ? error.message : 'it cannot be parsed');
  }
}

function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) at = stringEnd(text, at);
    else if (code === 91 || code === 123) {
      if (++depth > maxDepth) throw tooDeep();
    } else if (code === 93 || code === 125) depth--;
  }
}

/** Index of the quote that ends the string whose first quote is at `start`. */
export function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

const surrogateEscape = /\\u[dD][89a-fA-F]/;
const escapes = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[dD][89a-fA-F][\da-fA-F]{2}|[\s\S])/g;

/** Escaped surrogates without their other half become U+FFFD, as Go has it; pairs stay. */
function mendSurrogates(text: string): string {
  // The first look is a plain search, many times faster than the pattern.
  if (!text.includes('\\u') || !surrogateEscape.test(text)) return text;
  return text.replace(escapes, (found) => (found.length === 6 ? '\\ufffd' : found));
}

/** Where the strings stand, keys among them, that are nested `level` deep: their quotes' indexes. `text` must be valid JSON. */
export function* stringsAt(text: string, level: number): Generator<{ start: number; end: number }> {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === '"') {
      const end = stringEnd(text, at);
      if (depth === level) yield { start: at, end };
      at = end;
    }
  }
}

const nullField = /\s*:\s*null\b/y;

/**
 * The object's own fields that are null get an empty name, so that where a field is there twice its last value that is not null counts,
 * as Go's decoder has it for a struct. `text` must be valid JSON.
 */
export function unnameNulls(text: string): string {
  let kept = '';
  let from = 0;
  for (const { start, end } of stringsAt(text, 1)) {
    nullField.lastIndex = end + 1;
    if (!nullField.test(text)) continue;
    kept += `${text.slice(from, start)}""`;
    from = end + 1;
  }
  return kept + text.slice(from);
}

/** Anything but what stands for itself in a JSON string: quotes, backslashes, control characters, surrogates. */
const needsEscape = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** A JSON string, quotes included. */
export function quote(text: string): string {
  return needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/**
 * A string, number, boolean or null as JSON.
 * @throws JsonError for a number that JSON can't write
 */
export function writeScalar(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new JsonError('a number is out of range');
  return Object.is(value, -0) ? '-0' : String(value);
}

interface Level {
  keys: string[] | null;
  values: unknown[];
  next: number;
}

/**
 * Writes an object or array of any depth.
 * @param above levels that it is nested in already, within the job
 * @throws JsonError when it is nested too deep or holds a number that JSON can't write
 */
export function writeDeep(root: object, above: number): string {
  const maxLevels = maxDepth - 1 - above;
  const pieces: string[] = [];
  const open: Level[] = [];
  const enter = (value: object) => {
    if (open.length === maxLevels) throw tooDeep();
    const keys = Array.isArray(value) ? null : Object.keys(value);
    pieces.push(keys ? '{' : '[');
    open.push({ keys, values: Object.values(value), next: 0 });
  };
  enter(root);
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    if (level.next === level.values.length) {
      pieces.push(level.keys ? '}' : ']');
      open.pop();
      continue;
    }
    if (level.next > 0) pieces.push(',');
    if (level.keys) pieces.push(quote(level.keys[level.next]!), ':');
    const value = level.values[level.next++];
    if (typeof value === 'object' && value !== null) enter(value);
    else pieces.push(writeScalar(value));
  }
  return pieces.join('');
}
