import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildStep, commitOf, imageNames, staleServices } from '../../../src/operate/docker/images.ts';

const image = (tag: string, source: string | null) => ({
  RepoTags: [tag],
  Config: { Labels: source === null ? null : { 'io.jobstorm.source': source } },
});

test('an image is stale when it is missing, has no label or another one', () => {
  const images = [
    image('p-a:latest', 'now'),
    image('p-b:latest', 'before'),
    image('p-c:latest', null),
    image('q-d:latest', 'now'),
  ];
  assert.deepEqual(staleServices('p', ['a', 'b', 'c', 'd'], images, 'now'), ['b', 'c', 'd']);
  assert.deepEqual(staleServices('p', ['a'], [{ RepoTags: null, Config: null }], 'now'), ['a']);
});

test('images by name, and by id where a later build took the name', () => {
  assert.deepEqual(imageNames('p-a\tlatest\t1\n<none>\t<none>\t2\n'), ['p-a:latest', '2']);
  assert.deepEqual(imageNames(''), []);
});

test('steps of a build, without what only docker cares for', () => {
  assert.equal(
    buildStep('#12 [api-service dependencies 3/3] RUN --mount=type=cache,target=/x   npm ci'),
    'api-service dependencies 3/3: RUN npm ci',
  );
  assert.equal(buildStep('#7 [worker 1/1] COPY --from=bundle /a/ b/'), 'worker 1/1: COPY /a/ b/');
  assert.equal(buildStep('#12 DONE 0.3s'), null);
});

test('a folder that git knows nothing of has no commit', async () => {
  assert.equal(await commitOf('/'), 'unknown');
});
