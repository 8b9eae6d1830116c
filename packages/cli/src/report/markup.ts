// Text into HTML and XML. Invariant: nothing of a run (job types, commands, reasons) ever becomes a tag or an attribute of its own, and
// what XML can't hold at all, not even written as a number, is replaced.

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function isInXml(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}

/** For text and for attributes in double quotes. */
export function escapeText(text: string): string {
  let escaped = '';
  for (const character of text) {
    escaped += isInXml(character.codePointAt(0)!) ? (entities[character] ?? character) : '\ufffd';
  }
  return escaped;
}

/** JSON that can stand in a script element, whatever is in it. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
