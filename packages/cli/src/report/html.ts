// A run as one HTML page that needs nothing else: no network, no other file. Pure. Invariants: all text of the run is escaped; the page's
// own policy lets nothing run but its one script, by its hash, and nothing be loaded; an hour's run stays well under 5 MB, since the
// timeline is bounded.

import { createHash } from 'node:crypto';
import type { RunResult, TimelineMark, TimelineSample } from '@jobstorm/loadtest';
import { timeText } from './axis.ts';
import { escapeText as esc, escapeJson } from './markup.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import { type Plot, plotHtml } from './plot.ts';
import { plotsOf } from './plots.ts';
import { endsHtml } from './report-ends.ts';
import { headHtml, verdictHtml } from './report-head.ts';
import { tablesHtml } from './report-tables.ts';
import { waterfallHtml } from './waterfall.ts';

export interface ReportInput {
  result: RunResult;
  samples: readonly TimelineSample[];
  marks: readonly TimelineMark[];
  /** Epoch milliseconds of the samples' zero; null: not known. */
  startedAtMs: number | null;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const round = (value: number | null): number | null => (value === null ? null : Math.round(value * 1000) / 1000);

const policy = [
  "default-src 'none'",
  `script-src ${hashOf(pageScript)}`,
  `style-src ${hashOf(pageStyle)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The steady window in the samples' time. */
function steadyOf({ precision }: RunResult, startedAtMs: number | null): { fromS: number; toS: number } | null {
  const window = precision.steadyWindow;
  if (window === null || startedAtMs === null) return null;
  return { fromS: (window.startMs - startedAtMs) / 1000, toS: (window.endMs - startedAtMs) / 1000 };
}

/** What the script reads, by plot; `shown` are the figures as people read them. */
function dataOf(plots: readonly Plot[], run: string) {
  const entries = plots.map((plot) => {
    const { id, unit, atS, endS, lines, show } = plot;
    const columns = lines.map(({ name, values }) => ({
      name,
      values: values.map(round),
      shown: values.map((value) => (value === null ? null : show(value))),
    }));
    return [
      id,
      { run, id, unit, endS: round(endS), atS: atS.map(round), when: atS.map(timeText), lines: columns },
    ] as const;
  });
  return Object.fromEntries(entries);
}

function plotsHtml(plots: readonly Plot[]): string {
  const [first] = plots;
  if (!first || first.atS.length === 0) {
    return '<p class="card faults">No plots: nothing was recorded while it ran.</p>';
  }
  return plots.map(plotHtml).join('\n');
}

/** The whole page. */
export function htmlReport({ result, samples, marks, startedAtMs }: ReportInput): string {
  const plots = plotsOf(samples, marks, steadyOf(result, startedAtMs));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${esc(`jobstorm ${result.run.id}`)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
${headHtml(result)}
${verdictHtml(result)}
<section class="plots">
${plotsHtml(plots)}
${waterfallHtml(result)}
</section>
${endsHtml(result)}
${tablesHtml(result)}
<footer>made by jobstorm; ${samples.length} samples${marks.length > 0 ? `, ${marks.length} events` : ''}. <span class="screen">Point at a plot for the figures of that moment in all of them.</span></footer>
</main>
<script type="application/json" id="data">${escapeJson(dataOf(plots, result.run.id))}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}
