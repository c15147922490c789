import type { Markup } from '../../shared/report/html/markup.ts';

/** What the board needs beside the sheet of the reports, in the same colours: stable grey, candidate blue. */
export const boardStyle: Markup = {
  markup: `
a{color:var(--cand);text-underline-offset:2px}:focus-visible{outline:2px solid var(--cand);outline-offset:2px;border-radius:3px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px}.skip:focus{left:12px;top:8px;background:var(--bg);padding:4px 8px;z-index:1}
.bar-top{max-width:1040px;margin:0 auto;padding:14px 20px 0;display:flex;flex-wrap:wrap;gap:4px 18px;align-items:center;font-size:13.5px;color:var(--soft)}.bar-top nav{flex:1 1 auto;min-width:0;overflow-wrap:anywhere}.bar-top form{margin:0}
button{font:inherit;font-size:12.5px;color:var(--ink);background:var(--card);border:1px solid var(--guide);border-radius:6px;padding:3px 10px;min-height:28px;cursor:pointer}button:hover{border-color:var(--ink)}
main.board{padding-top:18px}.board h2{margin-bottom:4px}.board h2 small,.board h4 small{display:inline;margin-left:8px}
.glance{list-style:none;display:flex;flex-wrap:wrap;gap:8px;padding:0;margin:0 0 6px}.glance a{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline;border:1px solid var(--line);border-radius:8px;background:var(--card);padding:6px 11px;color:var(--ink);text-decoration:none}.glance a:hover{border-color:var(--guide)}.glance small{display:inline}
.link.lost{color:var(--fail);font-weight:600}
.stage{border-top:1px solid var(--line);padding:4px 0 14px;scroll-margin-top:12px}.stage h3{margin:14px 0 2px;font-size:16px}.stage h3 .tag{margin-left:8px}.stage h4{margin:0;font-size:15px;font-weight:600}.runs b{font-weight:600}
.rollout{display:flow-root;border:1px solid var(--line);border-radius:10px;background:var(--card);padding:14px 16px 8px;margin:12px 0}
.rollout h4{float:left;margin-right:18px}.base-name{color:var(--base-text)}.cand-name{color:var(--cand)}
:root{--base-text:#60646c;--now:#2563c912}@media(prefers-color-scheme:dark){:root{--base-text:#9aa1ab;--now:#7eb0ff1a}}
.guard{margin:0;font-size:13.5px;text-align:right;max-width:none}.guard b{font-weight:600;color:var(--pass)}.guard .overdue{display:none}.guard.late .overdue{display:inline}.guard.late .in-time{display:none}.guard.late b{color:var(--fail)}
.says{clear:both;font-size:16.5px;font-weight:500;margin:8px 0 10px}
.trouble{border-left:4px solid var(--warn);padding:2px 0 2px 12px;margin:10px 0 14px}.trouble.over{border-color:var(--fail)}
.commands{list-style:none;padding:0;margin:6px 0 0;display:flex;flex-wrap:wrap;gap:6px 18px}.commands li{display:flex;gap:6px;align-items:center;min-width:0}.command{user-select:all;padding:3px 7px;overflow-wrap:anywhere}.copy{display:none}.js .copy{display:inline-block}
figure.traffic{border:0;background:none;padding:0;margin:10px 0 14px}figure.traffic svg{max-width:none;height:20px;border-radius:5px}.traffic figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 20px;margin:5px 0 0;font-weight:400;font-size:13.5px;color:var(--soft)}.traffic figcaption b{color:var(--ink);font-weight:600}
.traffic i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:7px;vertical-align:-1px}.traffic i.base{background:var(--base);opacity:.6}.traffic i.cand{background:var(--cand);opacity:.8}
.track{list-style:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(92px,1fr));gap:6px;padding:0;margin:0 0 16px}.track li{border-top:3px solid var(--guide);padding:5px 6px 6px 2px;min-width:0}.track b{font-weight:600}.track .done{border-color:var(--base)}.track .now{border-color:var(--cand);background:var(--now)}.track .now b{color:var(--cand)}.track .stopped{border-color:var(--fail)}.track .stopped b{color:var(--fail)}.track .next b{color:var(--soft);font-weight:500}
.progress,.meter{display:block;width:100%;height:4px;border-radius:2px;margin-top:4px}.rest{fill:var(--line)}.meter{height:5px;max-width:110px}.full.inconclusive{fill:var(--open)}.full.warn{fill:var(--warn)}.full.fail{fill:var(--fail)}.strength{display:block;margin-top:2px}
.metrics .chart{width:34%}.shape-chart{max-width:340px}.metrics td.judged small{white-space:normal}.tip{fill:none;stroke-width:3;stroke-linecap:round;stroke-linejoin:round;stroke:var(--cand)}.tip.fail{stroke:var(--fail)}.tip.warn{stroke:var(--warn)}.tip.pass{stroke:var(--pass)}.tip.inconclusive{stroke:var(--open)}
.checks-line{font-size:13.5px}.failed{margin-left:8px}
.waits,.drift{margin:12px 0 0}.waits p,.drift p{max-width:none}.unmet{margin:4px 0;padding-left:20px}.unmet li{margin:6px 0;max-width:80ch}.unmet small code{font-size:12px}
.moved{list-style:none;padding:0;margin:4px 0;display:flex;flex-wrap:wrap;gap:4px 22px;font-size:13.5px}
.strip{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center}.strip span{display:flex;gap:2px}.strip i{font-style:normal;font-size:12px;font-weight:700;width:19px;height:19px;line-height:17px;text-align:center;border:1px solid currentColor;border-radius:4px}.strip i.pass{color:var(--pass)}.strip i.warn{color:var(--warn)}.strip i.fail{color:var(--fail)}
.audit{list-style:none;padding:0;margin:8px 0}.audit li{display:grid;grid-template-columns:176px 170px minmax(0,1fr);gap:2px 16px;border-top:1px solid var(--line);padding:7px 0;font-size:14px}.audit time{color:var(--soft)}
.repos{list-style:none;padding:0}.repos li{border-top:1px solid var(--line);padding:12px 0}.repos a{font-weight:600;font-size:16px}
.sign-in label{display:block;font-weight:600;margin:18px 0 6px}.sign-in input{font:inherit;width:100%;max-width:420px;padding:8px 10px;border:1px solid var(--guide);border-radius:6px;background:var(--card);color:var(--ink)}.sign-in button{font-size:14px;padding:7px 16px;margin-top:12px}
@media(max-width:700px){.bar-top{padding:10px 14px 0}.rollout{padding:12px 12px 4px;margin-left:-4px;margin-right:-4px}.rollout h4{float:none}.guard{text-align:left}.says{font-size:15.5px}.audit li{grid-template-columns:minmax(0,1fr)}.track{grid-template-columns:repeat(3,minmax(0,1fr))}.metrics td.num small{display:inline;margin-left:6px}.metrics .strength{display:inline-block}.metrics .strength .meter{display:none}.metrics td.judged{flex:1 1 100%;margin-left:0;order:4}.gates.metrics td.answer{order:2}.commands li{flex-wrap:wrap}}
@media(prefers-reduced-motion:no-preference){.guard .in-time{animation:beat 2.4s ease-in-out infinite}.skip{transition:left .1s}}@keyframes beat{50%{opacity:.35}}
@media print{.bar-top,.copy{display:none!important}}
`,
};
