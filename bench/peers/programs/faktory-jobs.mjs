// What a jobstorm worker runs, with either of its engines.

import { done } from './tally.mjs';

export function tallied(dueUs) {
  done(dueUs);
}
