// Request bodies: read as JSON, checked by the routes' schemas, and every mistake told in one sentence that names the field, what
// was received and what was expected.
// `__proto__` as a key is nothing special here: JSON.parse makes it a plain property, and nothing copies properties about.

import type { FastifyInstance, FastifySchemaValidationError } from 'fastify';
import { shown } from './batch-item.ts';
import { maxJobsPerRequest } from './limits.ts';
import { badRequest, RequestError } from './request-error.ts';

/** ajv's settings: nothing is coerced, dropped or filled in, and errors carry the value. */
export const ajvOptions = {
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  allErrors: false,
  verbose: true,
} as const;

/** Makes `app` take JSON bodies and nothing else. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    let value: unknown;
    try {
      value = JSON.parse(body as string);
    } catch (error) {
      const why = body.length === 0 ? 'it is empty' : (error as Error).message;
      done(badRequest(`the body is not JSON: ${why}`));
      return;
    }
    done(null, value);
  });
}

/** ajv's first error as a RequestError. */
export function bodyMistake(errors: FastifySchemaValidationError[]): RequestError {
  const { keyword, instancePath, params, message, data } = errors[0]! as FastifySchemaValidationError & {
    data?: unknown;
  };
  const field = instancePath.slice(1) || 'the body';
  if (keyword === 'required') return badRequest(`${String(params.missingProperty)} is missing in ${field}`);
  if (keyword === 'additionalProperties') {
    return badRequest(`unknown field ${shown(params.additionalProperty)} in ${field}`);
  }
  if (keyword === 'maxItems' || keyword === 'minItems') {
    const count = (data as unknown[]).length;
    const sentence = `${field} has ${count} items; a request takes 1 to ${maxJobsPerRequest}`;
    return count === 0 ? badRequest(sentence) : new RequestError(413, 'ETOOLARGE', sentence);
  }
  return badRequest(`${field} ${message ?? 'is wrong'}, got ${shown(data)}`);
}
