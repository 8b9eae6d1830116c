// What a browser keeps instead of the token, as a cookie: when it ends, a nonce, and a seal over both that only a control room with
// the same token can make. So sessions live on when the control room starts again, end with the token, and none has to be kept here.
//
//   EXPIRES_S.NONCE.HMAC-SHA256(key of the token, "EXPIRES_S.NONCE")

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 30 days. */
const LIFE_S = 30 * 86_400;

export class Sessions {
  readonly #key: Buffer;

  constructor(token: string) {
    // A key of its own, so that no seal is ever the HMAC of something else under the token.
    this.#key = createHmac('sha256', token).update('jobstorm session').digest();
  }

  #seal(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }

  /** A new session's value. */
  issue(nowMs: number): string {
    const text = `${Math.floor(nowMs / 1000) + LIFE_S}.${randomBytes(12).toString('base64url')}`;
    return `${text}.${this.#seal(text)}`;
  }

  /** Whether `value` is a session of this token that has not ended. */
  isValid(value: string, nowMs: number): boolean {
    const [, text, seal] = /^(\d{1,12}\.[\w-]{16})\.([\w-]{43})$/.exec(value) ?? [];
    if (text === undefined || seal === undefined) return false;
    // Both are 43 bytes long, so that the comparison tells nothing by its time.
    return (
      timingSafeEqual(Buffer.from(seal), Buffer.from(this.#seal(text))) && Number.parseInt(text, 10) * 1000 > nowMs
    );
  }

  /** The Set-Cookie header of a session. Scripts can't read it, and no other site can have it sent. */
  cookie(name: string, value: string): string {
    return `${name}=${value}; Max-Age=${LIFE_S}; Path=/; HttpOnly; SameSite=Strict`;
  }
}

/** The value of that cookie in a Cookie header; null: it is not there. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}
