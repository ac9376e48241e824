import { marked } from 'marked';
import { parseFragment, type DefaultTreeAdapterTypes } from 'parse5';
import { describe, expect, test } from 'vitest';
import {
  bullets,
  callout,
  code,
  codeBlock,
  folded,
  heading,
  mark,
  note,
  paragraph,
  right,
  strong,
  table,
} from './build.ts';
import { clean, cleanLines } from './escape.ts';
import { toHtml } from './html.ts';
import { toMarkdown } from './markdown.ts';
import { toText } from './text.ts';
import type { Document } from './types.ts';

// What a hostile or broken system could answer. Each goes into every place that takes text.
const hostile: Readonly<Record<string, string>> = {
  script: '<script>alert(1)</script>',
  image: '<img src=x onerror=alert(1)>',
  'markdown image': '![x](https://evil.example/pixel.png)',
  link: '[click](javascript:alert(1))',
  'reference link': '[a]: https://evil.example',
  autolink: 'see https://evil.example/a and www.evil.example and <https://evil.example>',
  mention: '@everyone and user@evil.example',
  backticks: 'a `` b ``` c ` d',
  'fence end': 'x\n```\n# owned\n```',
  pipes: 'a | b || c',
  emphasis: '**a** __b__ ~~c~~ *d* _e_',
  'line starts': '# heading\n- item\n1. one\n> quote\n---\n===',
  entity: '&lt;b&gt; &#60;script&#62; &amp;',
  'html comment': '<!-- hidden --> -->',
  'details end': '</details></td></tr></table></main>',
  attribute: '"><svg onload=alert(1)> \' onmouseover=x',
  backslash: String.raw`\`<b>\` \| \[x\](y)`,
  math: '$$x$$ $y$',
  terminal: '\u001b[31mred\u001b]0;title\u0007 \u009b2J',
  bidi: 'safe \u202egnp.exe\u2066 \u200bhidden',
  surrogate: 'half \ud800 pair',
  newlines: 'a\r\nb\u2028c\u0085d\u0000e',
};

/** Control characters but the line feed, and what reorders or hides text. */
const dangerous = /(?!\n)\p{Cc}|[\u200b\u202a-\u202e\u2066-\u2069]/u;

function pageWith(text: string): Document {
  return {
    title: text,
    language: 'en',
    blocks: [
      callout('bad', text, [[text, code(text)]]),
      heading(2, text),
      paragraph(text, ' ', strong(text), ' ', code(text), mark('warn', text), note(text)),
      bullets([[text], [code(text)]]),
      table([text, right(text)], [[[text], [code(text), note(text)]]]),
      codeBlock(text),
      folded(text, [paragraph(text)]),
    ],
  };
}

/** The page of a harmless text: the only elements there may be. */
const harmless = pageWith('harmless');

describe.each(Object.entries(hostile))('a text of %s', (_, text) => {
  const page = pageWith(text);

  test('makes no element of HTML that a harmless text would not make', () => {
    expect(shapeOf(toHtml(page))).toEqual(shapeOf(toHtml(harmless)));
  });

  test('makes no element of Markdown that a harmless text would not make', () => {
    expect(elementsOf(render(toMarkdown(page)))).toEqual(elementsOf(render(toMarkdown(harmless))));
  });

  test('reaches no reader with control or reordering characters', () => {
    for (const printed of [toHtml(page), toMarkdown(page), toText(page)]) {
      expect(printed).not.toMatch(dangerous);
      expect(printed.isWellFormed()).toBe(true);
    }
  });
});

test('what was harmless stays readable', () => {
  const text = 'GET /api/sol/complete got FEATURE_COINAPI_ENABLED=false, p95 812 ms (n=20), 3.1%';
  expect(toMarkdown({ title: 't', language: 'en', blocks: [paragraph(text)] })).toContain(text);
});

test('a long text is cut, and says so', () => {
  expect(clean('x'.repeat(5_000))).toHaveLength(601);
  expect(clean('x'.repeat(5_000)).endsWith('…')).toBe(true);
  expect(cleanLines('x\n'.repeat(9_000)).length).toBeLessThan(8_100);
});

const render = (markdown: string): string => marked.parse(markdown, { async: false, gfm: true });

type Node = DefaultTreeAdapterTypes.Node;

/** The tree of elements with their attributes' names. */
function shapeOf(html: string): readonly string[] {
  return walk(parseFragment(html.replace(/^[\s\S]*<body>/, '')), 0);
}

function walk(node: Node, depth: number): readonly string[] {
  const name =
    'attrs' in node ? [`${depth} ${node.nodeName} ${node.attrs.map((each) => each.name).join(' ')}`] : [];
  return [
    ...name,
    ...('childNodes' in node ? node.childNodes.flatMap((child) => walk(child, depth + 1)) : []),
  ];
}

/** Names of elements and where they lead; code may be written either way, and empty ones do not count. */
function elementsOf(html: string): readonly string[] {
  return walk(parseFragment(html), 0).filter((line) => !line.endsWith(' br '));
}
