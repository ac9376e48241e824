import { palette, plotRules } from '../plot/style.ts';

const tones = ['good:green', 'bad:red', 'warn:amber', 'unknown:dim']
  .map((pair) => pair.split(':'))
  .map(
    ([tone, colour]) =>
      `.mark.${tone}{color:var(--${colour})}.callout.${tone}{border-color:var(--${colour})}.callout.${tone}>strong{color:var(--${colour})}`,
  )
  .join('');

/** The page's own look; nothing is fetched. */
export const style = [
  palette,
  '*{box-sizing:border-box}',
  'body{margin:0;background:var(--back);color:var(--ink);font:15px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}',
  'main{max-width:1180px;margin:0 auto;padding:28px 24px 80px}',
  'h1{font-size:24px;line-height:1.25;margin:0 0 12px}',
  'h2{font-size:19px;margin:40px 0 10px;padding-top:14px;border-top:1px solid var(--line)}',
  'h3{font-size:16px;margin:28px 0 8px}',
  'p{margin:8px 0;max-width:900px}',
  'li{margin:4px 0;max-width:900px}',
  'nav{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 18px;padding:8px 0;font-size:13px;background:var(--back);border-bottom:1px solid var(--line)}',
  'nav label{color:var(--dim);white-space:nowrap}nav input{margin:0;vertical-align:-1px}',
  'h2,h3,tr{scroll-margin-top:76px}',
  'main:has(#numbers:not(:checked)) :is(.cite,.cites){display:none}',
  'a{color:var(--blue);text-decoration:none}a:hover{text-decoration:underline}',
  'code,pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}',
  'code{background:color-mix(in srgb,var(--dim) 13%,transparent);padding:1px 5px;border-radius:4px;overflow-wrap:anywhere}',
  'pre{background:color-mix(in srgb,var(--dim) 10%,transparent);padding:12px 14px;border-radius:6px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}',
  '.callout{border-left:4px solid var(--line);background:color-mix(in srgb,var(--dim) 8%,transparent);padding:10px 16px;margin:14px 0;border-radius:0 6px 6px 0}',
  '.callout>strong{font-size:17px}.callout p{max-width:none}',
  '.wide{overflow-x:auto;margin:10px 0 18px}',
  'table{border-collapse:collapse;font-size:13px;line-height:1.45;min-width:60%}',
  'th{text-align:left;font-weight:600;color:var(--dim);border-bottom:1px solid var(--dim);padding:5px 12px 5px 0;vertical-align:bottom}',
  'td{border-bottom:1px solid var(--line);padding:5px 12px 5px 0;vertical-align:top;overflow-wrap:break-word}',
  'th.n,td.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}',
  'tr:target{background:color-mix(in srgb,var(--amber) 22%,transparent)}',
  'small{color:var(--dim);font-size:11.5px}',
  '.cite{color:var(--dim);font-size:11px;white-space:nowrap;font-variant-numeric:tabular-nums}.cite a{color:inherit}',
  'figure{margin:18px 0;overflow-x:auto}figure svg{width:100%;min-width:680px;max-width:960px;height:auto;display:block}',
  'details{margin:10px 0}summary{cursor:pointer;color:var(--blue)}',
  '@media(max-width:700px){main{padding:16px 14px 60px}nav{flex-wrap:nowrap;overflow-x:auto;white-space:nowrap}h2,h3,tr{scroll-margin-top:48px}}',
  tones,
  plotRules,
  '@media print{body{font-size:11px}main{max-width:none;padding:0}nav{display:none}.wide,figure{overflow:visible}table{font-size:9.5px}h2{margin-top:20px}figure{margin:8px 0}figure svg{min-width:0;max-width:560px}tr,figure{break-inside:avoid}h2,h3,summary{break-after:avoid}}',
].join('\n');
