import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeHtml, html } from '../../src/web/html.ts';

test('text in a template is escaped once, markup of templates is not', () => {
  const cell = html`<td title="${`"'&`}">${'<script>'}</td>`;
  assert.equal(cell.markup, '<td title="&quot;&#39;&amp;">&lt;script&gt;</td>');
  assert.equal(html`<tr>${[cell, null, 5]}</tr>`.markup, `<tr>${cell.markup}5</tr>`);
});

test('no text gets a tag, an attribute or a control character into a page', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeHtml(text);
      assert.ok(!/[<>"']/.test(escaped));
      assert.ok(!/&(?!(?:amp|lt|gt|quot|#39);)/.test(escaped));
      for (const char of escaped) assert.ok(char === '\n' || char === '\t' || char >= ' ', 'a control character');
    }),
  );
});
