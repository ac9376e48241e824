/** A line of raw points without secrets: for whoever measures, and as it may be kept. */
export interface HiddenPoint {
  readonly shown: string;
  /** Also without the queries of URLs: a script writes into them what it likes. */
  readonly kept: string;
}

export type PointHider = (line: string) => HiddenPoint;

const mostKnown = 5_000;
const figures = /"time":"[\w.:+-]*","value":[\d.eE+-]+/;
const query = /("(?:url|name)":"[^"?#\\]*)[?#](?:[^"\\]|\\.)*"/g;

/** Hides what is secret in raw points. Time and value can hold nothing, and the rest repeats: it is looked up. */
export function pointHider(hide: (text: string) => string): PointHider {
  const known = new Map<string, HiddenPoint>();
  const look = (text: string): HiddenPoint => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const shown = hide(text);
    const hidden = { shown, kept: shown.replaceAll(query, '$1"') };
    // Names that never repeat must not fill the memory.
    if (known.size >= mostKnown) known.clear();
    known.set(text, hidden);
    return hidden;
  };
  return (line) => {
    const found = figures.exec(line);
    if (found === null) return look(line);
    const before = look(line.slice(0, found.index));
    const after = look(line.slice(found.index + found[0].length));
    return {
      shown: `${before.shown}${found[0]}${after.shown}`,
      kept: `${before.kept}${found[0]}${after.kept}`,
    };
  };
}
