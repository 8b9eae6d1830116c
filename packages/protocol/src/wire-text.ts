// Text on its way to and from the wire. Inside the connection all text is "byte text": a string with one character a byte
// (latin-1), which is cheap to search, cut and join. ASCII text is the same in both forms, so the hot path converts nothing.

const beyondAscii = /[\u0080-\uffff]/;

/** One character a byte, as UTF-8 has it. */
export function toByteText(text: string): string {
  return beyondAscii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** The text that the bytes stand for; invalid UTF-8 becomes U+FFFD. */
export function fromByteText(byteText: string): string {
  return beyondAscii.test(byteText) ? Buffer.from(byteText, 'latin1').toString('utf8') : byteText;
}
