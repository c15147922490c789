import type { Markup } from './markup.ts';

/**
 * One sheet for both themes, phones and paper. Production is grey and the candidate blue everywhere; a status colour never stands
 * without its mark and word. Contrast of text on its ground is at least 4.5 in both themes.
 */
export const style: Markup = {
  markup: `
:root{color-scheme:light dark;--bg:#fff;--ink:#1c2024;--soft:#60646c;--line:#e4e6ea;--guide:#b9bec7;--card:#fafbfc;--fail:#c4302b;--warn:#9a5b00;--pass:#18794e;--open:#4f5f80;--base:#7d8796;--cand:#2563c9;--tint:#c4302b14}
@media(prefers-color-scheme:dark){:root{--bg:#111315;--ink:#e6e8ea;--soft:#9aa1ab;--line:#2a2e33;--guide:#4a5058;--card:#17191c;--fail:#ff7a70;--warn:#f2b04a;--pass:#4cc38a;--open:#9db0d6;--base:#8b95a5;--cand:#7eb0ff;--tint:#ff7a701c}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
main{max-width:1040px;margin:0 auto;padding:32px 20px 64px;overflow-wrap:anywhere}
header{border-left:5px solid var(--open);padding:2px 0 2px 18px;margin-bottom:28px}
header.fail,header.error{border-color:var(--fail)}header.warn{border-color:var(--warn)}header.pass{border-color:var(--pass)}
header.fail .mark,header.error .mark{color:var(--fail)}header.warn .mark{color:var(--warn)}header.pass .mark{color:var(--pass)}header.inconclusive .mark{color:var(--open)}
h1{font-size:27px;line-height:1.25;margin:0 0 8px;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:18px;margin:42px 0 10px;letter-spacing:-.005em}h3{font-size:15px;margin:24px 0 4px}
p{margin:6px 0;max-width:72ch}small{display:block;color:var(--soft);font-size:12.5px;font-weight:400;line-height:1.4}
.soft{color:var(--soft)}.next b{font-weight:600;color:var(--soft);margin-right:6px}
.facts{display:flex;flex-wrap:wrap;gap:4px 22px;margin-top:10px;color:var(--soft);font-size:13.5px}.facts b{color:var(--ink);font-weight:600}
table{width:100%;border-collapse:collapse}
th,td{text-align:left;padding:9px 14px 9px 0;border-top:1px solid var(--line);vertical-align:middle;font-weight:500}td{font-weight:400}
thead th{border:0;color:var(--soft);font-size:12.5px;font-weight:500;padding-bottom:5px;vertical-align:bottom;overflow-wrap:break-word}
th:last-child,td:last-child{padding-right:0}
.num{white-space:nowrap}.judged{font-weight:500}td .num{font-weight:500}
.gates th[scope=row]{min-width:150px;max-width:300px}.chart{width:36%;min-width:170px}.chart svg{display:block;width:100%;height:auto;overflow:visible}.told{margin:0;color:var(--soft);font-size:13.5px}
.slices .chart,.nulls .chart{width:44%}.slices tfoot td{border:0;padding-top:0}.slices th[scope=row] .tag{margin-left:6px}.nulls th{width:30%}
.checks th[scope=row]{width:30%}.checks td.rows{max-width:220px;font-size:13.5px}.checks ul{margin:4px 0;padding-left:18px}.answer{width:70px}
.narrow{max-width:640px}
.tag{font-size:12.5px;font-weight:600;white-space:nowrap}.tag.fail,.tag.error{color:var(--fail)}.tag.warn{color:var(--warn)}.tag.pass{color:var(--pass)}.tag.inconclusive{color:var(--open)}
.beyond{fill:var(--tint)}.zero{stroke:var(--guide);stroke-width:1.5}.limit{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:3 3}
.ci{stroke:var(--cand);stroke-width:3;stroke-linecap:round}.pt{fill:var(--cand)}
.ci.fail,.ci.error{stroke:var(--fail)}.pt.fail,.pt.error{fill:var(--fail)}.ci.warn{stroke:var(--warn)}.pt.warn{fill:var(--warn)}.ci.pass{stroke:var(--pass)}.pt.pass{fill:var(--pass)}.ci.inconclusive{stroke:var(--open)}.pt.inconclusive{fill:var(--bg);stroke:var(--open);stroke-width:2.5}
.bar{fill:var(--base)}.bar.fail{fill:var(--fail)}.bar.warn{fill:var(--warn)}
.tick{fill:var(--soft);font-size:10.5px;text-anchor:middle}.tick.end{text-anchor:end}.name{fill:var(--soft);font-size:11.5px;text-anchor:middle}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,290px),1fr));gap:18px}
figure{margin:0;border:1px solid var(--line);border-radius:10px;background:var(--card);padding:14px 14px 10px;min-width:0}div.grid figure{max-width:512px}figcaption{font-weight:600;font-size:14px;margin-bottom:8px}figure svg{display:block;width:100%;max-width:420px;margin:0 auto;height:auto}
svg .grid{stroke:var(--line);stroke-width:1}.axis,.notch{fill:none;stroke:var(--guide);stroke-width:1}.ref{stroke:var(--guide);stroke-width:1.2;stroke-dasharray:3 3}
.curve{fill:none;stroke-width:2.2;stroke-linejoin:round}.curve.base{stroke:var(--base)}.curve.cand{stroke:var(--cand)}.curve.light{opacity:.6;stroke-dasharray:5 3;stroke-width:1.8}.touch{fill:transparent}.touch:hover{fill:var(--cand);fill-opacity:.5}
.cand-dot{fill:var(--cand)}.cand-bar{fill:var(--cand);fill-opacity:.8}.base-bar{fill:var(--base);fill-opacity:.6}.base-mark{stroke:var(--base);stroke-width:1.5;stroke-dasharray:3 2}
.key{display:flex;gap:18px;margin:0 0 10px;color:var(--soft);font-size:13.5px}.key i{display:inline-block;width:16px;height:3px;border-radius:2px;vertical-align:middle;margin-right:7px}.key .base{background:var(--base)}.key .cand{background:var(--cand)}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:6px 20px;margin:8px 0}dt{color:var(--soft)}dd{margin:0}.pair{margin-right:14px}
details{border-top:1px solid var(--line);padding:10px 0}summary{cursor:pointer;font-weight:600}main>details{margin-top:20px}td details{border:0;padding:4px 0}td summary{font-weight:400;color:var(--soft)}
code,pre{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,"Liberation Mono",monospace}code{background:var(--card);border:1px solid var(--line);border-radius:5px;padding:1px 5px}.block{display:inline-block;padding:6px 10px}pre{white-space:pre-wrap;margin:4px 0;color:var(--soft)}
.notices{margin:6px 0;padding-left:18px;max-width:80ch}.notices li{margin:4px 0}.scroll{max-width:100%}
.grid.pairs{grid-template-columns:repeat(2,minmax(0,1fr))}.grid.pairs svg{max-width:370px}
@media(max-width:700px){main{padding:20px 14px 48px}header{padding-left:13px}h1{font-size:22px}h2{margin-top:34px}
.gates thead,.slices thead,.checks thead,.slices tfoot td:not(.chart){display:none}
.gates tr,.slices tr,.checks tr{display:flex;flex-wrap:wrap;gap:2px 14px;border-top:1px solid var(--line);padding:10px 0}
.gates th,.gates td,.slices th,.slices td,.checks th,.checks td{border:0;padding:0;width:auto!important;max-width:none!important;min-width:0!important;order:4}
.gates th[scope=row],.slices th[scope=row],.checks th[scope=row]{order:1;flex:1 1 calc(100% - 96px)}.gates td.answer,.checks td.answer,.slices td.judged{order:2;flex:0 0 auto;margin-left:auto}
.gates td.chart,.slices td.chart{order:3;flex:1 1 100%;padding:4px 0}.gates td.chart svg{max-width:480px}.checks td{flex:1 1 100%}
.gates td.num,.slices td.num{font-size:13.5px}.gates td.num:empty,.checks td.rows:empty{display:none}.gates td[data-name]::before,.slices td[data-name]::before{content:attr(data-name) " ";color:var(--soft)}
.gates td.judged small{display:inline;margin-left:8px}.checks td.rows:not(:empty)::before{content:"rows ";color:var(--soft)}.slices tfoot tr{border:0;padding:0}
.plain{font-size:13.5px}.plain td:last-child.soft,.plain th:last-child:nth-child(6){display:none}.plain th,.plain td{padding-right:9px}.num{white-space:normal}
.grid.pairs{grid-template-columns:minmax(0,1fr)}dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:8px}}
@media print{:root{color-scheme:light;--bg:#fff;--ink:#000;--soft:#444;--line:#ccc;--guide:#999;--card:#fff;--fail:#b3261e;--warn:#8a5200;--pass:#136c43;--open:#44557a;--base:#7d8796;--cand:#1f56b3;--tint:#c4302b14}
main{max-width:none;padding:0}figure,tr,header{break-inside:avoid}h2,h3{break-after:avoid}details::details-content{content-visibility:visible;display:block}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`,
};
