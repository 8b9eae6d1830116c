// What all pages share: the frame, the navigation, the style. There is no script: everything works by links and forms.

import { Html, html } from './html.ts';

/** Page → its name in the navigation. Paths have one level, and links are relative, so that a proxy may mount them anywhere. */
export const pageNames = {
  '': 'Home',
  queues: 'Queues',
  busy: 'Busy',
  retries: 'Retries',
  scheduled: 'Scheduled',
  morgue: 'Dead',
} as const;

export type PageName = keyof typeof pageNames;

/** Nothing from elsewhere, no script, no frame around it, and forms that go nowhere else. */
export const contentSecurityPolicy =
  "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export const style = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #444); --quiet: light-dark(#666, #aaa); --strong: light-dark(#0b57d0, #8ab4f8); }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 0 1rem 3rem; }
header { align-items: baseline; border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 1rem; padding: .8rem 0; }
header b { font-size: 1.1rem; }
a { color: var(--strong); text-decoration: none; }
a:hover { text-decoration: underline; }
a[aria-current] { color: inherit; font-weight: 600; }
h1 { font-size: 1.3rem; margin: 1.2rem 0 .6rem; }
h2 { font-size: 1.1rem; margin: 1.4rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); overflow-wrap: anywhere; padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; }
th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
td.number, th.number { font-variant-numeric: tabular-nums; text-align: right; }
code { font: 13px/1.4 ui-monospace, monospace; }
small, .quiet { color: var(--quiet); }
form { display: inline; }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; margin: .8rem 0; }
button { background: none; border: 1px solid var(--line); border-radius: .3rem; color: inherit; cursor: pointer; font: inherit; padding: .2rem .7rem; }
button:hover { border-color: var(--strong); }
dl { display: grid; gap: .3rem 1.5rem; grid-template-columns: max-content 1fr; }
dt { color: var(--quiet); }
dd { margin: 0; }
pre { margin: .3rem 0; white-space: pre-wrap; }
`.trimStart();

/** A whole page. `counts`: what stands behind the names in the navigation. */
export function layout(page: PageName, counts: Partial<Record<PageName, number>>, body: Html): string {
  const links = (Object.keys(pageNames) as PageName[]).map((name) => {
    const count = counts[name];
    const current = name === page ? new Html(' aria-current="page"') : null;
    return html`<a href="./${name}"${current}>${pageNames[name]}${count === undefined ? null : html` <small>${count}</small>`}</a>`;
  });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${pageNames[page]} – jobstorm server</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<header><b>jobstorm server</b><nav class="buttons">${links}</nav></header>
<main>
<h1>${pageNames[page]}</h1>
${body}
</main>
</body>
</html>
`.markup;
}
