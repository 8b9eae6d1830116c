// FWP's replies as byte text: `+text`, `-ERR text`, `$length` + body, and nil.

import { toByteText } from '@jobstorm/protocol';

export const okReply = '+OK\r\n';
export const nilReply = '$-1\r\n';

/** Longer texts (a whole payload echoed, say) are cut: clients bound the length of a line. */
const maxErrorChars = 4000;

/** A body that is byte text already. */
export function bulkReply(byteText: string): string {
  return `$${byteText.length}\r\n${byteText}\r\n`;
}

export function jsonReply(value: unknown): string {
  return bulkReply(toByteText(JSON.stringify(value)));
}

/** An error of code ERR. Line ends within the text, which may echo what a client sent, become blanks. */
export function errorReply(text: string): string {
  const line = text.length > maxErrorChars ? `${text.slice(0, maxErrorChars)}…` : text;
  return `-ERR ${toByteText(line.replace(/[\r\n]/g, ' '))}\r\n`;
}
