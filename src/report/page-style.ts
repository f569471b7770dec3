/** Style sheet of the report pages. Contrast of text is at least 4.5:1 in both colour schemes. */
export const pageStyle = `
:root {
  --paper: #fbfaf7; --raised: #ffffff; --ink: #1d1c20; --quiet: #5f5d66; --line: #dfdcd5;
  --accent: #0b6a66; --soft: #e4efed;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141416; --raised: #1c1c20; --ink: #eceae4; --quiet: #a6a4ac; --line: #34343a;
    --accent: #6cc9bf; --soft: #1f3331;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 3.5rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 76rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
  -webkit-text-size-adjust: 100%;
}
h1, h2, h3 { line-height: 1.2; font-weight: 600; letter-spacing: -0.01em; text-wrap: balance; }
h1 { font-size: clamp(1.8rem, 4.5vw, 2.6rem); margin: 0 0 1rem; letter-spacing: -0.022em; }
h2 { font-size: 1.35rem; margin: 4rem 0 1.25rem; }
h3 { font-size: 1.1rem; margin: 0 0 .6rem; overflow-wrap: anywhere; }
h4 { font-size: .8125rem; margin: 0 0 .5rem; font-weight: 600; }
p { margin: 0 0 .75rem; }
.lead { font-size: clamp(1.05rem, 2vw, 1.2rem); max-width: 50rem; margin-bottom: 2rem; text-wrap: pretty; }
.note { max-width: 50rem; margin-bottom: 1.5rem; }
.quiet, figcaption, caption, .percent { color: var(--quiet); font-size: .8125rem; font-weight: 400; }
dl, dd { margin: 0; }
.key {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem 2.5rem;
  padding: 1.25rem 0; border-block: 1px solid var(--line); font-size: .875rem;
}
.key dt { font-weight: 600; }
.key dd { color: var(--quiet); }
.legend { display: inline-flex; align-items: center; gap: .4rem; white-space: nowrap; vertical-align: middle; }
.ramp { width: 5.5rem; height: .6rem; border-radius: 2px; }
main > section > article {
  display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 1.5rem 2.5rem;
  padding: 2rem 0 2.25rem; border-top: 1px solid var(--line);
}
img, .map { display: block; width: 100%; aspect-ratio: 1; border-radius: 4px; background: var(--line); }
img { object-fit: cover; }
.original p { margin: .35rem 0 0; }
.tracks { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.5rem 2.5rem; align-content: start; }
.leading { grid-column: 1 / -1; }
.leading h4 { font-size: .9375rem; line-height: 1.4; margin-bottom: .55rem; }
.strip { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: .6rem; }
.leading .strip { gap: .75rem; }
.track-row:not(.leading) .strip { grid-template-columns: repeat(4, minmax(0, 6.25rem)); }
figure { margin: 0; min-width: 0; }
figcaption { margin-top: .3rem; white-space: nowrap; }
figcaption strong { color: var(--ink); font-variant-numeric: tabular-nums; }
.classes { grid-column: 2; display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem 2.5rem; }
.bars ol { list-style: none; margin: 0; padding: 0; font-size: .8125rem; }
.bars li { display: grid; grid-template-columns: minmax(0, 11rem) minmax(2rem, 1fr) 3rem; gap: .6rem; align-items: center; padding: .12rem 0; }
.bars .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.track { height: .5rem; border-radius: 2px; background: var(--soft); overflow: hidden; }
.track span { display: block; height: 100%; background: var(--quiet); opacity: .6; }
.marked .name { font-weight: 600; color: var(--accent); }
.marked .track span { background: var(--accent); opacity: 1; }
.percent { text-align: right; font-variant-numeric: tabular-nums; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); gap: 1.25rem; }
.card { padding: 1.4rem 1.5rem; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; font-size: .9375rem; }
.facts { font-size: .875rem; }
.facts div { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .75rem; padding: .35rem 0; border-top: 1px solid var(--line); }
.facts dt { color: var(--quiet); }
.facts dd { overflow-wrap: anywhere; }
.gap { margin: 1rem 0; }
.gap p { margin: 0; }
.gap strong { font-size: 1.35rem; letter-spacing: -0.01em; }
.scale { position: relative; height: .6rem; margin: .5rem 0 .35rem; border-radius: 3px; background: var(--soft); overflow: hidden; }
.scale span { position: absolute; top: 0; bottom: 0; }
.scale .filled { left: 0; background: var(--accent); }
.scale .interval { top: 38%; bottom: 38%; background: var(--ink); }
.ends { display: grid; grid-template-columns: repeat(3, 1fr); line-height: 1.35; }
.ends :nth-child(2) { text-align: center; }
.ends :last-child { text-align: right; }
.concepts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(30rem, 100%), 1fr)); gap: 1.25rem; }
main > section > .concepts > .concept h4 { margin: 1.1rem 0 .5rem; }
.patches { display: grid; grid-template-columns: repeat(auto-fill, minmax(4rem, 1fr)); gap: .4rem; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .6rem; }
.triple { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .6rem; }
.parents { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 11rem)); gap: .75rem; }
.film { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(4.5rem, 11rem); gap: .35rem; margin-bottom: .75rem; }
.film figcaption { text-align: center; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.5rem 2.5rem; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; }
.chart .grid { stroke: var(--line); }
.chart .axis, .whisker { stroke: var(--ink); }
.whisker { stroke-width: 1.5; opacity: .75; }
.bar { fill: var(--accent); opacity: .8; }
.b1 { fill: #c2571a; } .b2 { fill: #7a5bd0; } .b3 { fill: var(--quiet); } .b4 { fill: #b03a75; } .b5 { fill: #4b7d1f; }
.chart .tick { fill: var(--quiet); font-size: 12px; }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke: var(--accent); }
.s1 { stroke: #c2571a; stroke-dasharray: 7 4; }
.s2 { stroke: #7a5bd0; stroke-dasharray: 2 4; stroke-linecap: round; }
.s3 { stroke: var(--quiet); stroke-dasharray: 10 3 2 3; }
.s4 { stroke: #b03a75; stroke-dasharray: 4 2; }
.s5 { stroke: #4b7d1f; stroke-dasharray: 12 4; }
.chart-key { list-style: none; margin: .5rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .8125rem; }
.chart-key li { display: flex; align-items: center; gap: .5rem; }
.chart-key svg { width: 1.75rem; flex: none; }
.triple figcaption { overflow: hidden; text-overflow: ellipsis; }
.overlay { position: relative; }
.contours { position: absolute; inset: 0; width: 100%; height: 100%; fill: none; stroke: #ffffff; stroke-width: 2; }
.contours path { vector-effect: non-scaling-stroke; stroke-linecap: round; }
.contours .halo { stroke: #000000; stroke-width: 4; opacity: .55; }
.matrix { width: auto; }
.matrix th, .matrix td { padding: .3rem; vertical-align: middle; }
.matrix .contours { stroke-width: 1; }
.matrix .contours .halo { stroke-width: 2; }
.matrix td > * { width: clamp(5.5rem, 12vw, 9rem); }
.matrix th[scope='row'] { padding-right: 1rem; color: var(--quiet); font-weight: 400; font-size: .8125rem; }
.gallery thead th { white-space: normal; max-width: 9rem; }
.gallery td { vertical-align: top; }
.gallery th[scope='row'] { min-width: 6.5rem; }
.results tbody th { white-space: nowrap; }
.gallery figcaption { white-space: normal; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; line-height: 1.4; }
caption { text-align: left; padding-bottom: .75rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1.25rem .4rem 0; }
thead th { color: var(--quiet); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 600; overflow-wrap: anywhere; }
tr.first > * { border-top: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td { white-space: nowrap; }
footer { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 3rem; margin-top: 4rem; border-top: 1px solid var(--line); }
footer section { min-width: 0; }
footer h2 { margin-top: 2.5rem; font-size: 1.1rem; }
pre { margin: 0; padding: 1rem 1.1rem; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; font: .8125rem/1.6 ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 60rem) {
  main > section > article { grid-template-columns: 8.5rem minmax(0, 1fr); gap: 1.25rem 1.5rem; }
  .tracks, .classes { grid-template-columns: minmax(0, 1fr); }
  .classes { grid-column: 1 / -1; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); }
}
@media (max-width: 40rem) {
  body { padding-top: 2rem; }
  main > section > article { grid-template-columns: minmax(0, 1fr); }
  .original img { max-width: 11rem; }
  .leading .strip { grid-template-columns: repeat(3, minmax(0, 1fr)); }
}
@media print { article, .card { break-inside: avoid; } }
`;
