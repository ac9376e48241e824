/** How a mark is meant; colour and sign follow from it. */
export type Tone = 'good' | 'bad' | 'warn' | 'unknown' | 'plain';

/** A piece of a line. A bare string is text from anywhere: whoever prints it escapes it. */
export type Inline =
  | string
  | { readonly kind: 'strong'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'mark'; readonly tone: Tone; readonly text: string }
  /** A remark beside a figure, set smaller. */
  | { readonly kind: 'note'; readonly text: string }
  /** The events a figure comes from, by sequence. */
  | { readonly kind: 'cite'; readonly seqs: readonly number[] };

export type Line = readonly Inline[];

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3 | 4; readonly text: string }
  | { readonly kind: 'paragraph'; readonly line: Line }
  | { readonly kind: 'callout'; readonly tone: Tone; readonly title: string; readonly lines: readonly Line[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly Line[] }
  | Table
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'figure'; readonly path: string; readonly title: string; readonly svg: string }
  /** Details that a reader opens when wanted. */
  | { readonly kind: 'folded'; readonly title: string; readonly blocks: readonly Block[] };

export interface Table {
  readonly kind: 'table';
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

export interface Row {
  readonly cells: readonly Line[];
  /** Sequence this row is the entry of: citations lead here. */
  readonly anchor?: number;
}

/** A page: what Markdown, HTML and plain text are all printed from. */
export interface Document {
  readonly title: string;
  readonly language: 'en' | 'id';
  readonly blocks: readonly Block[];
}
