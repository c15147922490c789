import type { Markup } from '../../html/markup.ts';

/** What the drift and profile pages add to the report's sheet: cards of columns, small shapes, strips of windows. Reference grey, current blue. */
export const driftStyle: Markup = {
  markup: `
.cols{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,310px),1fr));gap:16px;margin-top:12px}
.col{border:1px solid var(--line);border-radius:10px;background:var(--card);padding:13px 14px 11px;min-width:0;break-inside:avoid;content-visibility:auto;contain-intrinsic-size:auto 340px}
.col h3{margin:0;display:flex;gap:10px;justify-content:space-between;align-items:baseline;font-size:14.5px}.col h3 .tag{flex:none}
.col .big{margin:2px 0 0;font-size:13.5px}.col .big b{font-size:19px;font-weight:600;letter-spacing:-.01em}
.col svg{display:block;width:100%;max-width:400px;height:auto;margin:8px 0 2px}
.col ul{list-style:none;margin:6px 0 0;padding:6px 0 0;border-top:1px solid var(--line);font-size:13px}.col li{display:flex;justify-content:space-between;gap:12px;padding:1px 0}.col li span:last-child{flex:none;color:var(--soft)}.col li b{color:var(--ink);font-weight:600}
.col small{margin-top:6px}h1 code{font-size:.78em;font-weight:500}
.ra{fill:var(--base);fill-opacity:.32}.rl{fill:none;stroke:var(--base);stroke-width:1.2}.ca{fill:var(--cand);fill-opacity:.14}.cl{fill:none;stroke:var(--cand);stroke-width:1.9;stroke-linejoin:round}
.rb{fill:var(--base);fill-opacity:.75}.cb{fill:var(--cand)}.lab{fill:var(--ink);font-size:11px}.val{fill:var(--soft);font-size:10.5px;text-anchor:end}.tick.start{text-anchor:start}
.ax{stroke:var(--guide);stroke-width:1}
.spark{display:block;width:120px;height:26px}.compact td,.compact th{padding:5px 12px 5px 0;font-size:13.5px}.compact th[scope=row]{font-weight:500;max-width:260px}.compact td.spk{width:130px}
.sides th,.sides td{padding:7px 14px 7px 0}.sides .key{margin:0}
.eff{display:block;width:100%;height:14px}.eff.fail{color:var(--fail)}.eff.warn{color:var(--warn)}.eff.pass{color:var(--pass)}.effects td.chart{width:46%}.effects td,.effects th{padding:5px 14px 5px 0}.effects th a{color:inherit}
.all{display:block;width:100%;height:64px;margin-top:6px}.eb{fill:currentColor}.track{fill:var(--line)}.el{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:3 3}
.strip{display:block;width:100%;height:auto}.s0{fill:var(--line)}.s1{fill:var(--warn)}.s2{fill:var(--fail)}.ln{fill:none;stroke:var(--cand);stroke-width:1.8;stroke-linejoin:round}.dot{fill:var(--cand)}
.windows td.chart{width:62%;min-width:200px}.windows td,.windows th{padding:6px 14px 6px 0}
.key .sq{height:10px;width:10px;border-radius:2px}.key .shift{background:linear-gradient(0deg,var(--warn) 55%,var(--line) 55%)}.key .drift{background:var(--fail)}.key{flex-wrap:wrap}
a{color:var(--cand);text-underline-offset:3px}a:focus-visible,summary:focus-visible{outline:2px solid var(--cand);outline-offset:3px;border-radius:3px}
@media(max-width:700px){.sides thead{display:none}.sides tr{display:block;border-top:1px solid var(--line);padding:8px 0}.sides th,.sides td{display:block;border:0;padding:0}.spans tr{display:flex;flex-wrap:wrap;gap:2px 14px;border-top:1px solid var(--line);padding:9px 0}.spans thead{display:none}.spans th,.spans td{border:0;padding:0}.spans th[scope=row]{flex:1 1 100%;max-width:none}.spans td[data-name]::before{content:attr(data-name) " ";color:var(--soft)}.spans td.chart{flex:1 1 100%}.effects td.chart{width:38%}.compact td.opt,.compact th.opt,.effects .opt,.windows .opt{display:none}.compact td.spk,.spark{width:58px}.compact td,.compact th,.effects td,.effects th,.windows td,.windows th{padding-right:8px;min-width:0}.chart{min-width:0}.windows td.chart{width:70%;min-width:0}}
@media print{.col{content-visibility:visible}}
`,
};
