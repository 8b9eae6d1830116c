// The page at GET /: the latest numbers as plain tables. Constants rather than files, so that a bundle holds them. It has no
// figure in itself and is given to anybody; what it shows it has to ask for (page-script.ts).

export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>jobstorm control room</title>
<link rel="stylesheet" href="/page.css">
<h1>jobstorm control room</h1>
<p id="state" role="status">asking …</p>
<form id="entry" hidden>
<label for="token">Token</label>
<input id="token" type="password" autocomplete="current-password" required>
<button>Enter</button>
<p>JOBSTORM_TOKEN of the control room's host; <code>just dashboard</code> there prints a link that holds it.</p>
</form>
<main id="figures" hidden>
<h2>Runs</h2><table id="runs"></table>
<h2>Parts</h2><table id="parts"></table>
<h2>Job server</h2><table id="server"></table>
<h2>Containers</h2><div id="hosts"></div><table id="containers"></table>
</main>
<script src="/page.js"></script>
</html>
`;

export const pageStyle = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
table { border-collapse: collapse; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
th { border-bottom: 1px solid; font-weight: 600; }
input, button { font: inherit; }
`;
