// Writes the schemas that docs/ publishes, from the ones in the sources: node --import tsx bin/schemas.mjs
import { writeFileSync } from 'node:fs';
import { runResultSchema } from '../packages/loadtest/src/result-schema.ts';

writeFileSync(new URL('../docs/result.schema.json', import.meta.url), `${schemaText(runResultSchema)}\n`);

function schemaText(schema) {
  return JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema }, null, 2);
}
