// The same rules stand in every plot file and once in the HTML page. Colours keep their contrast on white and on black.
const light =
  '--ink:#1f2328;--dim:#656d76;--line:#d1d9e0;--back:#fff;--blue:#0a5fc2;--red:#c5221f;--green:#1a7f37;--amber:#9a6700';
const dark =
  '--ink:#e6edf3;--dim:#9198a1;--line:#3d444d;--back:#0d1117;--blue:#58a6ff;--red:#ff7b72;--green:#3fb950;--amber:#d29922';

/** Colours of pages and plots, light and dark. */
export const palette = `:root{${light}}@media(prefers-color-scheme:dark){:root{${dark}}}`;

export const plotRules = [
  '.pl text{font:11px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--dim)}',
  '.pl .back{fill:var(--back)}',
  '.pl .title{font-weight:600;font-size:13px;fill:var(--ink)}',
  '.pl .grid{stroke:var(--line);stroke-width:1}',
  '.pl .axis{stroke:var(--dim);stroke-width:1}',
  '.pl .value{fill:none;stroke:var(--blue);stroke-width:1.75;stroke-linejoin:round}',
  '.pl .ok{fill:var(--blue)}',
  '.pl .bad{fill:var(--red)}',
  '.pl .trigger{stroke:var(--red);stroke-width:1.25;stroke-dasharray:6 3}',
  '.pl .good{stroke:var(--green);stroke-width:1.25;stroke-dasharray:2 3}',
  '.pl text.t-trigger{fill:var(--red)}',
  '.pl text.t-good{fill:var(--green)}',
  '.pl .fault{fill:var(--red);fill-opacity:.11}',
  '.pl .edge{stroke:var(--red);stroke-opacity:.45;stroke-width:1}',
  '.pl text.t-fault{fill:var(--red)}',
  '.pl .unknown{fill:var(--dim);fill-opacity:.16}',
  '.pl .restart{fill:var(--amber);fill-opacity:.4}',
  '.pl text.t-restart{fill:var(--amber)}',
  '.pl .s-degraded{fill:var(--red)}',
  '.pl .s-mitigated{fill:var(--amber)}',
  '.pl .s-recovering{fill:var(--blue)}',
  '.pl .s-verifying{fill:var(--green)}',
].join('');
