import { markup } from '../markup.ts';

/**
 * The look of the HTML report: calm, in the reader's light or dark, on a phone and on paper. A template without any value in it, so
 * that its digest can stand in the Content-Security-Policy of the page.
 */
export const STYLE = markup`
:root{color-scheme:light dark;--page:#fafaf8;--card:#fff;--ink:#1c2126;--soft:#59636e;--line:#e2e4e7;--track:#eef0f2;
--good:#1a7035;--caution:#855a00;--bad:#b3261e;--unsure:#6639ba;--faint:#66707b;--probe:#3f6fb5;
--good-wash:#ecf6ee;--caution-wash:#fdf5e0;--bad-wash:#fdf0ee;--unsure-wash:#f4effd;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--page:#0f1215;--card:#161a1f;--ink:#e4e7ea;--soft:#a2abb5;--line:#2a3038;--track:#21262d;
--good:#5cc27a;--caution:#dba93a;--bad:#ff8b80;--unsure:#b99cf7;--faint:#929ca7;--probe:#7fa9e6;
--good-wash:#13221a;--caution-wash:#251f10;--bad-wash:#2a1816;--unsure-wash:#1e1930}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
.wrap{max-width:68rem;margin:0 auto;padding:0 1.25rem}
h1,h2,h3,p,ol,ul,dl,dd,figure{margin:0;padding:0}
ol,ul{list-style:none}
h2{font-size:1.05rem;font-weight:650;margin:2.75rem 0 .85rem}
h3{font-size:.95rem;font-weight:600}
code,.mono{font-family:var(--mono);font-size:.875em}
a{color:inherit}
svg{display:block}
:focus-visible{outline:2px solid var(--probe);outline-offset:2px;border-radius:4px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px}
.soft{color:var(--soft)}
.good{--tone:var(--good);--wash:var(--good-wash)}.caution{--tone:var(--caution);--wash:var(--caution-wash)}
.bad{--tone:var(--bad);--wash:var(--bad-wash)}.unsure{--tone:var(--unsure);--wash:var(--unsure-wash)}
.faint{--tone:var(--faint);--wash:var(--card)}
.icon{width:1.25rem;height:1.25rem;flex:none;color:var(--tone)}
.word{color:var(--tone);font-weight:600}
header{padding:2rem 0 0}
.verdict{border-left:6px solid var(--tone);background:var(--wash);border-radius:10px;padding:1.4rem 1.5rem 1.5rem}
.status{display:flex;align-items:center;gap:.55rem;color:var(--tone);font-weight:700;letter-spacing:.04em;font-size:.95rem}
h1{font-size:1.5rem;line-height:1.3;font-weight:650;margin:.4rem 0 .5rem}
.summary{font-size:1.06rem;max-width:52rem}
.next{margin-top:1.1rem;padding-top:1rem;border-top:1px solid var(--line);max-width:52rem}
.next strong{display:block;font-size:.8rem;letter-spacing:.05em;text-transform:uppercase;color:var(--soft);margin-bottom:.15rem}
.run{display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;margin-top:.9rem;font-size:.85rem;color:var(--soft)}
.run div{display:flex;gap:.4rem}.run dd{color:var(--ink)}
nav{margin-top:1rem;font-size:.85rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem}
nav a{color:var(--soft);text-underline-offset:3px}
.ladder{padding:.5rem 0}
.ladder li{position:relative;display:grid;grid-template-columns:1.25rem 6.5rem 5.5rem 1fr auto;gap:0 .85rem;align-items:start;padding:.6rem 1.25rem}
.ladder li:not(:last-child)::after{content:"";position:absolute;left:1.84rem;top:2.05rem;bottom:-.35rem;border-left:2px solid var(--line)}
.ladder li.untested:not(:last-child)::after,.ladder li.failed:not(:last-child)::after{border-left-style:dotted}
.ladder .icon{margin-top:.15rem}
.ladder .rung{font-weight:600}
.ladder .untested .rung{font-weight:500;color:var(--soft)}
.ladder .failed,.ladder .decides{background:var(--wash)}
.ladder .decides{box-shadow:inset 4px 0 var(--tone)}
.ladder .first{color:var(--tone)}
.ladder .word{font-size:.875rem;padding-top:.1rem}
.time{color:var(--soft);font-size:.85rem;font-variant-numeric:tabular-nums;white-space:nowrap;text-align:right}
.finding{padding:1.05rem 1.25rem;border-left:4px solid var(--tone)}
.finding+.finding{margin-top:.75rem}
.finding>.lead{display:flex;gap:.6rem;align-items:flex-start}
.finding .lead .icon{margin-top:.15rem}
.finding .word{font-size:.875rem}
.remedy{margin:.55rem 0 0 1.85rem}
.remedy b{font-weight:600}
.source{margin:.45rem 0 0 1.85rem;font-size:.85rem;color:var(--soft)}
details>summary{cursor:pointer}
.evidence{margin:.45rem 0 0 1.85rem;font-size:.875rem}
.evidence>summary{color:var(--soft);width:max-content}
.pairs{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.2rem 1rem;margin:.5rem 0 .2rem;font-size:.85rem}
.pairs dt{color:var(--soft)}
.pairs dd{font-family:var(--mono);font-size:.92em;white-space:pre-wrap}
.axis{display:grid;padding:.6rem 1.25rem 0}
.axis,.probe>summary{grid-template-columns:4.9rem minmax(0,17rem) 1fr 4.5rem;gap:0 .85rem}
.axis svg{grid-column:3;width:100%;height:1.3rem;overflow:visible}
.axis text{font-size:.72rem;fill:var(--soft)}
.axis line{stroke:var(--line)}
.probes{padding:0 0 .5rem}
.probe>summary{display:grid;align-items:center;padding:.22rem 1.25rem;font-size:.85rem;list-style:none}
.probe>summary::-webkit-details-marker{display:none}
.probe>summary:hover{background:var(--track)}
.probe .kind{font-family:var(--mono);font-size:.8rem;color:var(--soft)}
.probe .what{line-height:1.35}
.probe .why{color:var(--bad);font-size:.78rem;display:block}
.bar{width:100%;height:.8rem;overflow:visible}
.bar .rail{fill:var(--track)}
.bar .took{fill:var(--probe)}
.bar.lost .took{fill:none;stroke:var(--bad);stroke-width:1.5;stroke-dasharray:3 2}
.bar .cross{stroke:var(--bad);stroke-width:2}
.seen{padding:.1rem 1.25rem .7rem}
.flows{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:.75rem;align-items:start}
.flow{padding:1rem 1.25rem 1.1rem}
figcaption{font-weight:600;font-size:.9rem;margin-bottom:.7rem}
.posts{display:flex;justify-content:space-between;gap:1rem;margin-left:4.6rem;font-size:.8rem;color:var(--soft)}
.posts span:last-child{text-align:right}
.message{display:grid;grid-template-columns:4rem 1fr;gap:.6rem;align-items:stretch}
.message .time{align-self:center;font-size:.78rem}
.lane{border:solid var(--line);border-width:0 2px;padding:.35rem 0 .5rem;text-align:center;font-size:.85rem}
.lane svg{width:100%;height:.7rem;overflow:visible;margin-top:.1rem}
.lane line{stroke:var(--tone);stroke-width:1.5}
.lane path{fill:var(--tone)}
.lane .cross{fill:none;stroke:var(--tone);stroke-width:2}
.lost .lane line{stroke-dasharray:5 4}
.lane b{color:var(--tone);font-weight:600}
.lane .label{display:block;padding:0 .6rem}
.chain{padding:1.1rem 1.25rem}
.chain+.chain{margin-top:.75rem}
.links{margin:.9rem 0 .3rem}
.links li{position:relative;display:grid;grid-template-columns:1.25rem 1fr;gap:.75rem;padding-bottom:.85rem}
.links li:last-child{padding-bottom:.2rem}
.links li:not(:last-child)::after{content:"";position:absolute;left:.56rem;top:1.45rem;bottom:.05rem;border-left:2px solid var(--line)}
.links .icon{margin-top:.12rem}
.links small{display:block;color:var(--soft);font-size:.82rem}
.life{width:100%;max-width:30rem;height:.85rem;overflow:visible;margin:.35rem 0 .15rem}
.life .rail{fill:var(--track)}
.life .gone{fill:var(--tone);opacity:.45}
.life .now{stroke:var(--ink);stroke-width:2}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .9rem;border-bottom:1px solid var(--line);overflow-wrap:break-word}
td:nth-child(2){min-width:7rem}
th[scope=row]{min-width:8.5rem}
tr:last-child td,tr:last-child th{border-bottom:0}
thead th{color:var(--soft);font-weight:600;font-size:.8rem}
tbody th{font-weight:500}
td small{display:block;color:var(--soft);font-weight:400}
td.soft{color:var(--soft)}
tbody th code{white-space:nowrap}
td.failed{color:var(--bad);font-weight:600}
.steps{margin-top:.3rem;color:var(--soft)}
.steps ol{margin:.35rem 0 0}
.steps li{margin:.15rem 0;padding-left:1rem;text-indent:-1rem}
.steps li ul{text-indent:0;padding-left:.4rem}
.steps .word{font-size:.8rem}
footer{margin:3rem 0 2.5rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.82rem;color:var(--soft)}
@media screen and (max-width:44rem){
.wrap{padding:0 .8rem}
header{padding-top:.8rem}
.verdict{padding:1.05rem 1.05rem 1.15rem}
h1{font-size:1.2rem}
.summary{font-size:1rem}
.ladder li{grid-template-columns:1.25rem 1fr auto;padding:.6rem .9rem}
.ladder li:not(:last-child)::after{left:1.49rem}
.ladder .word{grid-column:3;grid-row:1}
.ladder .text{grid-column:2/-1}
.ladder .time{grid-column:2/-1;text-align:left}
.finding,.flow,.chain{padding-left:.9rem;padding-right:.9rem}
.remedy,.source,.evidence{margin-left:0}
.axis{padding:.6rem .9rem 0}
.axis{grid-template-columns:1fr}
.axis svg{grid-column:1}
.probe>summary{grid-template-columns:auto minmax(0,1fr) auto;padding:.3rem .9rem}
.probe .bar{grid-column:1/-1;grid-row:2;margin-top:.15rem}
.seen{padding-left:.9rem;padding-right:.9rem}
.pairs{grid-template-columns:1fr;gap:0}
.pairs dd{margin-bottom:.35rem}
.posts{margin-left:4rem}
.message{grid-template-columns:3.6rem 1fr;gap:.4rem}
thead{position:absolute;clip-path:inset(50%);height:1px;width:1px;overflow:hidden}
tr{display:block;padding:.55rem .9rem;border-bottom:1px solid var(--line)}
tr:last-child{border-bottom:0}
th,td{display:block;padding:0;border:0;min-width:0}
tbody th{font-weight:650;margin-bottom:.15rem}
td{display:grid;grid-template-columns:5.2rem 1fr;gap:.5rem}
td::before{content:attr(data-head);color:var(--soft);font-weight:400;font-size:.8rem;padding-top:.08rem}
td small{display:inline;margin-left:.4rem}
td:has(.steps){display:block}
}
@media print{
@page{margin:14mm 12mm}
:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--track:#eee}
body{font-size:10.5pt}
.wrap{max-width:none;padding:0}
nav{display:none}
.verdict,.finding,.flow,.ladder li,.probes>li,.links li,tr{break-inside:avoid}
.scroll{overflow:visible}
table{font-size:.75rem}
th,td,th[scope=row],td:nth-child(2){padding:.35rem .4rem;min-width:0}
td[data-head=Server]{overflow-wrap:anywhere}
.probe>summary{padding:.12rem 1.25rem}
h2{break-after:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`;

/** Of STYLE, as a Content-Security-Policy source: no other style than this one has any effect. */
export const STYLE_DIGEST = 'sha256-8xBMyneATP+cV0wNxPAqj7PeMM0xOvrcKrdo2eXpzcA=';
