// Markers on the time axis: a dashed line in every plot where a setting changed, a worker came or went, or jobs began to fail; the rate's
// plot says in words what it was, as far as there is room, and the list below the plots says all of it.

import type uPlot from 'uplot';
import type { Mark, RunModel } from '../src/run-model.ts';
import { css } from './colors.ts';
import { time } from './format.ts';
import { labelled } from './label-room.ts';

const mostCharacters = 26;
const mostListed = 100;

const shortened = (text: string) => (text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text);

/** `marks` is asked at each drawing. */
export function marksPlugin(marks: () => readonly Mark[], withWords: boolean): uPlot.Plugin {
  return {
    hooks: {
      draw: (plot) => {
        const { ctx, bbox } = plot;
        const ratio = devicePixelRatio;
        const seen = marks()
          .map(({ atS, what }) => ({ x: Math.round(plot.valToPos(atS, 'x', true)), text: `▲ ${shortened(what)}` }))
          .filter(({ x }) => x >= bbox.left && x <= bbox.left + bbox.width);
        ctx.save();
        ctx.strokeStyle = css('--mark');
        ctx.setLineDash([3, 3]);
        for (const { x } of seen) {
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
        }
        if (withWords) {
          ctx.font = `${11 * ratio}px system-ui`;
          ctx.textBaseline = 'top';
          ctx.textAlign = 'left';
          const right = bbox.left + bbox.width;
          const places = seen.map(({ x, text }) => {
            const width = ctx.measureText(text).width + 8 * ratio;
            return { x: Math.min(x, right - width), width };
          });
          const taken = labelled(places, bbox.left);
          for (const [at, { text }] of seen.entries()) {
            if (!taken[at]) continue;
            const { x, width } = places[at]!;
            ctx.fillStyle = `${css('--ground')}cc`;
            ctx.fillRect(x, bbox.top, width, 14 * ratio);
            ctx.fillStyle = css('--ink-2');
            ctx.fillText(text, x + 3 * ratio, bbox.top + ratio);
          }
        }
        ctx.restore();
      },
    },
  };
}

/** Shades the seconds in which somebody was held back at a CPU cap, the darker the larger the share. */
export function shadePlugin(
  shares: () => { times: readonly number[]; shares: readonly (number | null)[] },
): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot) => {
        const { ctx, bbox } = plot;
        const { times, shares: values } = shares();
        ctx.save();
        ctx.fillStyle = css('--error');
        for (const [at, share] of values.entries()) {
          if (!share) continue;
          const from = Math.max(bbox.left, plot.valToPos(times[at - 1] ?? 0, 'x', true));
          const to = Math.min(bbox.left + bbox.width, plot.valToPos(times[at]!, 'x', true));
          if (to <= from) continue;
          ctx.globalAlpha = 0.06 + 0.24 * Math.min(1, share);
          ctx.fillRect(from, bbox.top, to - from, bbox.height);
        }
        ctx.restore();
      },
    },
  };
}

/** All of them as a list, the latest first. */
export function drawMarks(list: HTMLElement, run: RunModel | null): void {
  const marks = run?.marks.slice(-mostListed).reverse() ?? [];
  if (list.childElementCount === marks.length && list.dataset.of === `${run?.id} ${run?.marks.length}`) return;
  list.dataset.of = `${run?.id} ${run?.marks.length}`;
  list.replaceChildren(
    ...marks.map(({ atS, what }) => {
      const item = document.createElement('li');
      const when = document.createElement('b');
      when.textContent = time(atS);
      item.append(when, ` ${what}`);
      return item;
    }),
  );
}
