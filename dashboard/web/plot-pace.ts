// How often the plots are drawn: they cost more than all the rest of the page, and a sample more moves a line by less than a pixel. Pure.

import type { RunModel } from '../src/run-model.ts';

/** Once a second, of a long run every other second. */
const samplesApart = (samples: number) => (samples < 3600 ? 2 : 4);

export class PlotPace {
  #run = '';
  #drawn = 0;

  /** Whether enough is new to draw; then it counts as drawn. */
  isDue({ id, samples, ended }: Pick<RunModel, 'id' | 'ended'> & { samples: { length: number } }): boolean {
    const isNew = id !== this.#run || ended || samples.length < this.#drawn;
    if (!isNew && samples.length - this.#drawn < samplesApart(samples.length)) return false;
    this.#run = id;
    this.#drawn = samples.length;
    return true;
  }
}
