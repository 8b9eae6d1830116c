// How the report looks: dark and light after the reader's system, and plain on paper. A colour means one thing everywhere: rate blue,
// latency orange, queue purple, CPU green, errors red.

export const pageStyle = `
:root { color-scheme: light dark;
  --back: #f6f7f9; --card: #fff; --text: #1b2430; --soft: #5d6b7c; --rule: #dfe4ea; --grid: #e9edf2;
  --rate: #1f6fd6; --submitted: #7fa9dc; --latency: #c8660a; --queue: #7a4bc4; --cpu: #1c8a4b; --cpu2: #4aa8a0; --cpu3: #7d9b1e; --cpu4: #7a8896;
  --errors: #c92a36; --good: #1c7a45; --warn: #96660a; --warn-back: #fff6e0; }
@media (prefers-color-scheme: dark) { :root {
  --back: #10151c; --card: #18202a; --text: #e4eaf1; --soft: #96a4b5; --rule: #2a3644; --grid: #232e3a;
  --rate: #5aa2ff; --submitted: #4a719f; --latency: #f79a45; --queue: #b58cf5; --cpu: #4fcb85; --cpu2: #5ccfc6; --cpu3: #b3cf4c; --cpu4: #93a1b1;
  --errors: #ff6b74; --good: #57cf8b; --warn: #f0c05a; --warn-back: #2c2617; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 14px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1320px; margin: 0 auto; padding: 20px 24px 40px; }
header { display: flex; flex-wrap: wrap; gap: 2px 16px; align-items: baseline; }
h1 { font-size: 20px; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 14px; margin: 0; } h2 small, h3 { font-weight: 400; color: var(--soft); font-size: 12px; } h3 { margin: 0 0 2px; }
header p { margin: 0; color: var(--soft); } code { font: 12.5px/1.4 ui-monospace, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.command { flex-basis: 100%; color: var(--soft); }
.card, .plot { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
.strip { display: flex; flex-wrap: wrap; gap: 12px 26px; padding: 14px 18px; margin: 14px 0 10px; }
.strip div { flex: 1 0 auto; max-width: 100%; } .strip b { display: block; font-size: 25px; font-weight: 650; line-height: 1.15; letter-spacing: -0.02em; white-space: nowrap; }
.strip .first { flex-grow: 2; } .strip .first b { font-size: 34px; color: var(--rate); }
.strip b small { font-size: 14px; font-weight: 500; letter-spacing: 0; } .strip span { color: var(--soft); font-size: 12.5px; } .bad b { color: var(--errors); }
.verdict { padding: 12px 18px; margin: 0 0 10px; border-left: 4px solid var(--rate); } .verdict ul { margin: 4px 0; padding-left: 20px; columns: 2; column-gap: 40px; } .verdict p { margin: 0; } .note { color: var(--soft); }
.faults { padding: 12px 18px; margin: 0 0 10px; border-left: 4px solid var(--warn); background: var(--warn-back); } .faults ul { margin: 4px 0 0; padding-left: 20px; }
.plots { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; } .wide { grid-column: 1 / -1; }
.plot { margin: 0; padding: 12px 16px 10px; min-width: 0; } figcaption { display: flex; justify-content: space-between; gap: 10px; align-items: baseline; margin-bottom: 6px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 24px; } .chart { display: block; width: 100%; height: auto; overflow: visible; }
button { font: inherit; font-size: 11px; color: var(--soft); background: none; border: 1px solid var(--rule); border-radius: 5px; padding: 0 6px; margin-left: 5px; cursor: pointer; }
button:hover, button:focus-visible { color: var(--text); border-color: var(--soft); } .data { white-space: nowrap; }
.tick, .value, .limit-name { font-size: 11.5px; fill: var(--soft); } .value { fill: var(--text); }
.grid { stroke: var(--grid); } .window { fill: var(--rate); opacity: .07; } .mark { stroke: var(--soft); stroke-dasharray: 1 3; } .cursor { stroke: var(--soft); visibility: hidden; } .cursor.on { visibility: visible; }
.limit { stroke: var(--cpu); stroke-width: 1.2; stroke-dasharray: 12 4; opacity: .8; }
.line { fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round; } .dot, .band { fill: currentColor; stroke: none; } .band { opacity: .13; }
.rate { color: var(--rate); } .submitted { color: var(--submitted); } .latency { color: var(--latency); } .queue { color: var(--queue); } .errors { color: var(--errors); }
.cpu-workers { color: var(--cpu); } .cpu-server { color: var(--cpu2); } .cpu-api { color: var(--cpu3); } .cpu-generator { color: var(--cpu4); }
.bar { fill: var(--latency); opacity: .75; } .bar.whole { fill: var(--rate); opacity: .85; }
.keys { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 4px 0 0; padding: 0; color: var(--soft); font-size: 12px; } .keys b { color: var(--text); font-weight: 600; } .key { width: 26px; height: 8px; margin-right: 6px; } .when { margin-left: auto; }
.tables { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; margin-top: 10px; align-items: start; } .tables div { display: grid; gap: 10px; min-width: 0; } .tables .card { padding: 12px 16px; min-width: 0; overflow-x: auto; } .tables ul { margin: 6px 0 0; padding-left: 20px; }
table { border-collapse: collapse; width: 100%; margin-top: 4px; } th, td { text-align: right; padding: 3px 0 3px 12px; white-space: nowrap; border-top: 1px solid var(--grid); } th { color: var(--soft); font-weight: 500; border: 0; } th:first-child, td:first-child { text-align: left; padding-left: 0; }
td.inner { padding-left: 14px !important; } td.words { white-space: normal; text-align: left; } .good { color: var(--good); } .wrong { color: var(--errors); font-weight: 600; }
details { margin-top: 10px; padding: 10px 16px; } summary { cursor: pointer; font-weight: 600; } footer { color: var(--soft); font-size: 12px; margin-top: 14px; }
@media (max-width: 900px) { main { padding: 14px 14px 30px; } .plots, .tables, .pair { grid-template-columns: minmax(0, 1fr); } .pair { gap: 12px; } .verdict ul { columns: 1; } }
@media print { :root { --back: #fff; --card: #fff; --text: #000; --soft: #444; --rule: #ccc; --grid: #e4e4e4; --rate: #1f6fd6; --submitted: #7fa9dc; --latency: #c8660a; --queue: #7a4bc4; --cpu: #1c8a4b; --cpu2: #2b8a82; --cpu3: #6b861a; --cpu4: #66727e; --errors: #c92a36; --good: #1c7a45; --warn: #96660a; --warn-back: #fff; }
  main { max-width: none; padding: 0; } .data, footer .screen { display: none; } .plot, .card { break-inside: avoid; } body { font-size: 11px; } .strip b { font-size: 18px; } .strip .first b { font-size: 24px; } details:not([open]) { display: none; } }
`;
