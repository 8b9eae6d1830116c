// Redis' globs: `*` any text, `?` one byte, `[a-c]` and `[^a-c]` one byte of a set, `\` takes the next character as it is.
// On a mismatch only the last `*` is widened, so the cost is bounded by pattern × text and never exponential.

type Token = { kind: 'star' } | { kind: 'one'; accepts: (code: number) => boolean };

/** Makes a test of whole texts (byte text) out of a glob (byte text). */
export function globTest(pattern: string): (text: string) => boolean {
  const tokens = readTokens(pattern);
  return (text) => matches(tokens, text);
}

function readTokens(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') {
      tokens.push({ kind: 'one', accepts: () => true });
    } else if (char === '[') {
      const end = endOfSet(pattern, at);
      tokens.push({ kind: 'one', accepts: setTest(pattern.slice(at + 1, end)) });
      at = end;
    } else {
      if (char === '\\' && at + 1 < pattern.length) at++;
      const code = pattern.charCodeAt(at);
      tokens.push({ kind: 'one', accepts: (other) => other === code });
    }
  }
  return tokens;
}

/** Index of the bracket that closes a set; the pattern's end when none does. */
function endOfSet(pattern: string, start: number): number {
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === ']') return at;
  }
  return pattern.length;
}

function setTest(set: string): (code: number) => boolean {
  const negated = set.startsWith('^');
  const ranges: [from: number, to: number][] = [];
  for (let at = negated ? 1 : 0; at < set.length; at++) {
    if (set[at] === '\\' && at + 1 < set.length) at++;
    const from = set.charCodeAt(at);
    if (set[at + 1] === '-' && at + 2 < set.length) {
      const to = set.charCodeAt(at + 2);
      ranges.push(from <= to ? [from, to] : [to, from]);
      at += 2;
    } else {
      ranges.push([from, from]);
    }
  }
  return (code) => ranges.some(([from, to]) => code >= from && code <= to) !== negated;
}

function matches(tokens: readonly Token[], text: string): boolean {
  let token = 0;
  let at = 0;
  /** Where to go on when a match fails: behind the last star, one character later than last time. */
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const current = tokens[token];
    if (current?.kind === 'star') {
      star = token++;
      starAt = at;
    } else if (current?.accepts(text.charCodeAt(at))) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (tokens[token]?.kind === 'star') token++;
  return token === tokens.length;
}
