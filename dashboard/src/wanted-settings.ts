// Settings that somebody wants of a part, as they come over HTTP. Only names and kinds are checked here: which values it can
// have, the part itself knows, and says.

import type { ApiSettings, Hello, WorkerSettings } from '@jobstorm/telemetry';
import { type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { MessageError } from './message.ts';

const Texts = Type.Array(Type.String({ maxLength: 300 }), { maxItems: 1000 });

const worker = {
  slots: Type.Integer(),
  processes: Type.Integer(),
  queues: Texts,
  queueSlots: Texts,
  rateLimit: Texts,
  prefetch: Type.Integer(),
} satisfies Record<keyof WorkerSettings, TSchema>;

const api = {
  batchMaxSize: Type.Integer(),
  batchMaxDelayMs: Type.Number(),
  batchAuto: Type.Boolean(),
  batchAdaptive: Type.Boolean(),
} satisfies Record<keyof ApiSettings, TSchema>;

const known: Record<Hello['part'], Record<string, TSchema> | null> = { worker, api, docker: null };

const kinds: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list of texts',
};

/** As that kind of part has them; nothing in it is wrong when it asks for nothing. @throws MessageError with a sentence */
export function checkWanted(part: Hello['part'], wanted: unknown): { worker: WorkerSettings } | { api: ApiSettings } {
  const schemas = known[part];
  if (schemas === null) throw new MessageError('docker-stats has no settings');
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted))
    throw new MessageError('expected an object of settings, such as {"slots": 4000}');
  for (const [name, value] of Object.entries(wanted)) {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    const takes = `takes ${Object.keys(schemas).join(', ')}`;
    if (schema === undefined) throw new MessageError(`"${name.slice(0, 100)}" is no setting: this part ${takes}`);
    if (!Value.Check(schema, value))
      throw new MessageError(
        `${name}: got ${JSON.stringify(value).slice(0, 100)}, expected ${kinds[String(schema.type)]}`,
      );
  }
  return part === 'worker' ? { worker: wanted } : { api: wanted };
}
