/** Results as tables in Markdown: one of what we do, one of how that compares with the peer. */
import type { Comparison, Results, Row } from './results.js';
import type { Spread } from './statistics.js';
import { markdownTable } from './table.js';

export function describeResults({ machine, versions, rows }: Results): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const head = `${machine.cpu}, ${machine.cores} cores, ${machine.threads} threads; ${named.join(', ')}`;
  const compared = rows.filter(({ peers }) => Object.keys(peers).length > 0);
  return [head, ownTable(rows), ...(compared.length > 0 ? [peerTable(compared)] : [])]
    .map((part) => `${part}\n`)
    .join('\n');
}

function ownTable(rows: readonly Row[]): string {
  return markdownTable([
    [
      '',
      'ms, median [min, max]',
      'GFLOP/s',
      'of matmul',
      'images/s',
      'compiled in s',
      'peak RSS MB',
    ],
    ...rows.map(({ name, ours, images, matmulShare }) => {
      const { median } = ours.milliseconds;
      return [
        name,
        withRange(ours.milliseconds, 1),
        ours.gflop === null ? '' : ((ours.gflop * 1000) / median).toFixed(0),
        matmulShare === null ? '' : withRange(matmulShare, 2),
        images === null ? '' : ((images * 1000) / median).toFixed(1),
        (ours.compiling / 1000).toFixed(1),
        ours.peakRssMB.toFixed(0),
      ];
    }),
  ]);
}

function peerTable(rows: readonly Row[]): string {
  const columns = ({ fp32, bf16 }: Row['peers']): string[] => [
    fp32 ? fp32.milliseconds.median.toFixed(1) : '',
    fp32 ? withRange(fp32.speed, 2) : '',
    bf16 ? withRange(bf16.speed, 2) : '',
    fp32 ? ratioOf(fp32) : '',
    bf16 ? ratioOf(bf16) : '',
  ];
  return markdownTable([
    [
      'beside PyTorch',
      'its ms, fp32',
      'speed, fp32',
      'speed, bf16',
      'memory, fp32',
      'memory, bf16',
    ],
    ...rows.map(({ name, peers }) => [name, ...columns(peers)]),
  ]);
}

const ratioOf = ({ memory }: Comparison): string => memory.toFixed(2);

const withRange = ({ median, min, max }: Spread, digits: number): string =>
  `${median.toFixed(digits)} [${min.toFixed(digits)}, ${max.toFixed(digits)}]`;
