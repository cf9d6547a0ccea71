import { createHash } from 'node:crypto';

/**
 * A shade at each edge behind which a table goes on. It stays with the region; what covers it stays with the table's own
 * ends, and so lays it open wherever there is more.
 */
const scrollHint = `.scroll{background:linear-gradient(90deg,var(--paper) 40%,transparent) 0/36px 100% no-repeat local,
linear-gradient(270deg,var(--paper) 40%,transparent) 100%/36px 100% no-repeat local,
linear-gradient(90deg,var(--shade),transparent) 0/13px 100% no-repeat scroll,
linear-gradient(270deg,var(--shade),transparent) 100%/13px 100% no-repeat scroll}`;

/** The one stylesheet: the newspaper sheet, in light and dark, from 320 pixels on. */
export const stylesheet = `
:root{color-scheme:light dark;--paper:#fbf9f4;--ink:#1d1b16;--soft:#6b665a;--rule:#ddd7c9;--edge:#8a8373;--why:#9a3412;--link:#1f4e79;--field:#fffdf8;--shade:rgba(29,27,22,.26);
--serif:Georgia,"Iowan Old Style","Times New Roman",serif;--sans:-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
@media (prefers-color-scheme:dark){:root{--paper:#171613;--ink:#ece7db;--soft:#a39c8c;--rule:#37332b;--edge:#7d7566;--why:#f0a070;--link:#9cc4ea;--field:#1f1d19;--shade:rgba(236,231,219,.3)}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 var(--sans)}
.sheet{max-width:764px;margin:0 auto;padding:28px 22px 40px}
.sheet.wide{max-width:1084px}
.mast{border-bottom:3px double var(--ink);padding-bottom:14px}
.name{display:inline-block;font:700 38px/1.1 var(--serif);letter-spacing:-.5px;color:inherit;text-decoration:none}
.day{color:var(--soft);font-size:14px;margin:8px 0 0}
.day a{color:inherit}
h1{font:700 30px/1.2 var(--serif);margin:30px 0 10px;letter-spacing:-.2px;overflow-wrap:anywhere}
h2{font:700 20px/1.3 var(--serif);margin:0 0 6px;overflow-wrap:anywhere}
p{margin:0 0 10px}
a{color:var(--link);text-underline-offset:3px}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,textarea:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.whole{white-space:nowrap}.soft{color:var(--soft)}.small{font-size:14px}.tiny{font-size:13px}
.why{font-size:13px;color:var(--why);margin:0 0 6px}
.meta{font-size:13px;color:var(--soft);margin:0 0 8px}
.paper{padding:22px 0;border-bottom:1px solid var(--rule)}
.paper h2 a{color:inherit;text-decoration:none}
.paper h2 a:hover{text-decoration:underline}
.paper.lead h2{font-size:26px;line-height:1.22}
.links{font-size:14px;margin:0;display:flex;flex-wrap:wrap;gap:4px 16px}
.picture{display:block;width:100%;height:auto;border-radius:4px;margin:0 0 16px;background:var(--rule)}
.paper{display:flow-root}.paper:not(.lead)>.picture{float:right;width:160px;margin:5px 0 10px 24px}
.turn{display:flex;flex-wrap:wrap;gap:6px 24px;justify-content:space-between;font-size:14px;padding:20px 0 0;margin:0}
.sections{display:flex;flex-wrap:wrap;gap:2px 20px;font-size:14px;padding:9px 0;border-bottom:1px solid var(--rule)}
.sections a{color:var(--soft);text-decoration:none;padding:3px 0}
.sections a:hover{text-decoration:underline}
.sections a[aria-current]{color:var(--ink);font-weight:600}
.narrow{display:flex;flex-wrap:wrap;gap:4px 24px;justify-content:space-between;align-items:start;padding:10px 0 0}
.narrow details{margin:0;flex:1 1 14em}
.narrow details[open]{flex-basis:100%}
.sorts{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:14px;margin:0;padding:4px 0}
.sorts a{color:var(--soft)}
.sorts a[aria-current]{color:var(--ink);text-decoration:none;font-weight:600}
.plain-list{list-style:none;margin:0;padding:6px 0;font-size:15px}
.plain-list li{padding:4px 0;break-inside:avoid}
.columns{columns:12.5em auto;column-gap:24px}
.columns a[aria-current]{color:inherit;font-weight:600}
.abstract{margin:-2px 0 10px}.abstract summary{padding:0 0 4px}
.abstract p{margin:4px 0 0;padding:0 0 0 14px;border-left:1px solid var(--rule);font-size:15px}
.rate{color:var(--soft);font-size:13px;font-variant-numeric:tabular-nums}
.follow{margin:14px 0 0}
.whole-paper h1{margin-top:26px}
.whole-paper h2{font-size:17px;margin:22px 0 6px}
.whole-paper .links{margin:0 0 20px}
.whole-paper .facts{margin:22px 0 16px}
.summary{font:400 19px/1.5 var(--serif);margin:0 0 16px}
.judged li{padding:6px 0}.judged .why{display:inline-block;min-width:2.8em;margin:0}
.buttons{display:flex;flex-wrap:wrap;gap:10px}
table.kept th,table.kept td{text-align:left;white-space:normal;padding:7px 18px 7px 0;vertical-align:top}
.foot{font-size:13px;color:var(--soft);padding-top:26px}
.foot a,.foot button.plain{color:inherit;margin-right:16px}
form{margin:0}
.ask{padding:16px 0 14px;border-bottom:1px solid var(--rule)}
.line{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 12px}
.line .field{display:contents}
.line label,.line .fault{grid-column:1/-1}
.line input{grid-row:2;grid-column:1}
.line button{grid-row:2;grid-column:2}
.field{margin:0 0 18px}
.field>label,legend{display:block;font-size:14px;font-weight:600;margin:0 0 5px;padding:0}
.hint{font-size:13px;color:var(--soft);margin:4px 0 0}
.fault{font-size:14px;color:var(--why);margin:5px 0 0;font-weight:600}
.faults{border-left:3px solid var(--why);padding:2px 0 2px 14px;margin:20px 0;color:var(--why)}
.faults p{margin:0 0 4px}
input[type=email],input[type=search],input[type=date],input[type=password],input[type=number],input[type=text],select,textarea{font:inherit;font-size:16px;color:inherit;background:var(--field);border:1px solid var(--edge);border-radius:3px;padding:8px 10px;width:100%;max-width:100%;min-height:42px}
input[type=number]{width:6em}
textarea{min-height:7.5em;line-height:1.5;resize:vertical}
textarea.low{min-height:4.4em}
select.narrow-field,input.narrow-field{width:auto;min-width:14em}
[aria-invalid=true]{border-color:var(--why)}
input[type=checkbox]{width:17px;height:17px;margin:0;accent-color:var(--link);flex:none}
fieldset{border:0;margin:0 0 20px;padding:0;min-width:0}
.choices{display:grid;grid-template-columns:repeat(auto-fill,minmax(12.5em,1fr));gap:2px 18px}
.group{font-size:13px;color:var(--soft);margin:12px 0 2px}[hidden]{display:none!important}.picker [data-find]{margin:8px 0 2px;max-width:20em}
.three{display:grid;grid-template-columns:1fr 1fr;gap:0 18px}.three>:last-child{grid-column:1/-1}
.choices.days{display:flex;flex-wrap:wrap;gap:2px 14px}.choices.days label{gap:6px}
.choices label,.tick{display:flex;gap:9px;align-items:center;font-size:15px;padding:5px 0;min-height:32px}
.two{display:grid;grid-template-columns:minmax(7em,9em) minmax(0,1fr);gap:0 18px}
button{font:600 16px/1.3 var(--sans);color:var(--paper);background:var(--ink);border:1px solid var(--ink);border-radius:3px;padding:9px 20px;min-height:42px;cursor:pointer}
button:hover{background:var(--link);border-color:var(--link)}
button.large{font-size:19px;padding:15px 34px}
button.second{color:var(--ink);background:none;border-color:var(--edge)}button.second:hover{color:var(--link);background:none;border-color:var(--link)}
button.plain{font:inherit;font-size:inherit;color:var(--link);background:none;border:0;padding:0;min-height:0;text-decoration:underline;text-underline-offset:3px}
button.plain.small{font-size:14px}
.act{margin:22px 0}
details{margin:12px 0 0}
summary{font-size:14px;color:var(--link);cursor:pointer;padding:4px 0;width:max-content;max-width:100%}
details>div{padding:14px 0 4px}
.aside-from-view{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,400px);gap:0 56px;align-items:start}
.pair>.next{grid-column:2;grid-row:1/span 2;position:sticky;top:0;max-height:100vh;overflow-y:auto}
.next{border-left:1px solid var(--rule);padding:30px 0 10px 28px;margin:0}
.next h2{font-size:17px;margin:0 0 10px}
.would-be{list-style:none;margin:0;padding:0}
.would-be li{padding:12px 0;border-bottom:1px solid var(--rule)}
.ask .would-be li:last-child{border-bottom:0}
.would-be li:first-child .title{font-size:19px}
.would-be .title{font:700 16px/1.35 var(--serif);margin:0;overflow-wrap:anywhere}
.would-be .title a{color:inherit;text-decoration:none}.would-be .title a:hover{text-decoration:underline}
.would-be .why{margin:0 0 3px}
.subject{font:700 15px/1.4 var(--sans);margin:0 0 4px;overflow-wrap:anywhere}
.note{border-left:3px solid var(--link);padding:2px 0 2px 14px;margin:20px 0}
.note p{margin:0 0 4px}
.note.urgent{border-color:var(--why)}
.scroll{position:relative;overflow-x:auto;margin:0 0 8px}
${scrollHint}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
caption{text-align:left;font:700 17px/1.3 var(--serif);padding:0 0 8px}
th,td{text-align:right;padding:6px 0 6px 18px;border-bottom:1px solid var(--rule);white-space:nowrap;vertical-align:baseline}
th{font-weight:600;font-size:13px;color:var(--soft)}
th:first-child,td:first-child{text-align:left;padding-left:0}
td.text,th.text{text-align:left}
td.wrap{white-space:normal;min-width:12em}
td.told{white-space:normal;min-width:13em}td.told p{margin:0;font-size:13px;color:var(--soft)}
.red{color:var(--why);font-weight:600}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:5px 22px;margin:0;font-size:14px}
.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
.block{margin:30px 0 0}
.block h2{font-size:17px;margin:0 0 8px}
.sentence{font:400 21px/1.4 var(--serif);margin:24px 0 4px}
iframe{display:block;width:100%;height:80vh;border:1px solid var(--rule);background:#fff;margin:12px 0 0}
.frames{display:grid;grid-template-columns:377px minmax(0,1fr);gap:18px 28px;align-items:start}.frames figure{margin:0;min-width:0}
.frames figcaption{font:700 15px/1.3 var(--serif)}.frames iframe{height:600px;margin:8px 0 0}.frames .phone{width:377px;max-width:100%}.frames .desk{min-width:702px;height:667px;zoom:.9}
textarea.code{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre;overflow-x:auto}
.acts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22em),1fr));gap:0 40px;align-items:end}
pre{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(290px,1fr));gap:18px 28px}
.plot{margin:0}.plot figcaption{font:700 15px/1.3 var(--serif);padding:0 0 4px}
.plot svg{display:block;width:100%;max-width:420px;height:auto;font:13px var(--sans);font-variant-numeric:tabular-nums;overflow:visible}
.plot .rule{stroke:var(--rule);stroke-width:1}.plot .scale{fill:var(--soft);font-size:12px}
.plot path{fill:none;stroke-width:1.5;stroke-linejoin:round}.plot .series{stroke:none}
.plot .bar{fill:var(--link)}
.plot .s0 path{stroke:var(--ink)}.plot .s0 circle,.plot .s0 text{fill:var(--ink)}
.plot .s1 path{stroke:var(--link)}.plot .s1 circle,.plot .s1 text{fill:var(--link)}
.plot .s2 path{stroke:var(--soft)}.plot .s2 circle,.plot .s2 text{fill:var(--soft)}
.plot .hand path{stroke:var(--why)}.plot .hand circle,.plot .hand text{fill:var(--why)}
@media (max-width:860px){.frames{grid-template-columns:minmax(0,1fr)}.pair{grid-template-columns:minmax(0,1fr)}.pair>.next{grid-column:auto;grid-row:auto;position:static;max-height:none}.next{border-left:0;border-top:3px double var(--ink);padding:22px 0 0;margin:26px 0 0}}
@media (max-width:480px){.paper:not(.lead)>.picture{width:96px;margin-left:14px}.sheet{padding:24px 20px 36px}.line{gap:0 8px}.line button{padding-left:14px;padding-right:14px}.choices{grid-template-columns:1fr 1fr;gap:2px 12px}.choices label{font-size:14px}.choices.days{display:grid;grid-template-columns:repeat(4,1fr)}td.wrap{min-width:24em}h1{font-size:26px}button.large{width:100%}}
@media (max-width:340px){.line button{grid-row:3;grid-column:1/-1;margin-top:8px}.line input{grid-column:1/-1}.choices{grid-template-columns:1fr}}
@media print{.ask,.turn,.foot{display:none}}
`.trim();

/** Changes with the content, so that browsers may keep it for ever. */
export const stylesheetPath = `/sheet-${createHash('sha256').update(stylesheet).digest('hex').slice(0, 12)}.css`;
