// Settings that several commands have: the job server that is meant, listening addresses, the token. A command spreads a row
// into its table and says what is its own, mostly the default and the help.

import { formatServerUrl, parseServerUrl, type ServerAddress } from '@jobstorm/protocol';
import { Type } from '@sinclair/typebox';
import { listenAddress, parseListen } from './parse.ts';
import { defineSettings } from './settings.ts';

export const sharedSettings = defineSettings({
  /** Value: the URL with the port filled in, and its password when it has one. */
  url: {
    schema: Type.String(),
    flag: 'url',
    env: ['FAKTORY_URL', 'FAKTORY_SERVER_IP'],
    default: null,
    value: 'tcp://:PASSWORD@HOST:7419',
    help: 'the job server; a bare host means port 7419',
    expected: 'tcp://[:password@]host[:port]',
    parse: (text) => formatServerUrl(parseServerUrl(text)),
  },
  password: {
    schema: Type.String(),
    env: ['FAKTORY_PASSWORD'],
    default: null,
    help: "the job server's password, when its URL has none",
    expected: 'a password',
    secret: true,
  },
  listen: {
    schema: Type.String(),
    flag: 'listen',
    default: null,
    value: 'HOST:PORT',
    help: 'where to take connections',
    expected: 'HOST:PORT',
    parse: (text) => listenAddress(parseListen(text)),
  },
  token: {
    schema: Type.String({ minLength: 1 }),
    env: ['JOBSTORM_TOKEN'],
    default: null,
    help: 'asked of everybody as "authorization: Bearer TOKEN"',
    expected: 'a token',
    secret: true,
  },
  open: {
    schema: Type.Boolean(),
    env: ['JOBSTORM_OPEN'],
    default: false,
    help: 'true: listen beyond loopback without a secret, for a closed lab',
    expected: 'true or false',
  },
  /** Value: null where the system's own name will do. */
  hostName: {
    schema: Type.String({ minLength: 1, maxLength: 200 }),
    env: ['JOBSTORM_HOST'],
    default: null,
    help: "this host's name for the control room, where the system's own is a container's",
    expected: 'a name of up to 200 characters',
  },
});

/** The address that a URL setting names, with the password that goes with it: the URL's own comes before FAKTORY_PASSWORD. */
export function jobServerAddress(url: string, password: string | null): ServerAddress {
  const address = parseServerUrl(url);
  return { ...address, password: address.password ?? password };
}

const loopback = /^(localhost|(::ffff:)?127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** True for names and addresses that only this machine reaches; IPv6 with or without its brackets. */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}
