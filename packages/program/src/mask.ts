// Addresses may carry a password, and what is printed must not.

/** `tcp://:secret@host` to `tcp://***@host`; text without credentials stays as it is. */
export function maskCredentials(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^@]*:.*@/is, '$1***@');
}
