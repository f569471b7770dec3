import type { EvaluationReport } from '../../evaluation/index.js';
import { INCEPTION_FILE } from '../../evaluation/fid/index.js';
import type { SamplingDefaults } from '../../inversion/inverter-config.js';
import type { Interval } from '../../metrics/index.js';
import { describeSampling } from '../sampling-options.js';

/** An evaluation for the terminal; brackets hold 95 % intervals. */
export function describeEvaluation(
  report: EvaluationReport,
  directory: string | undefined,
): string {
  const { cosine, floor, ceiling, intervals, settings } = report;
  const judged = report.transferCosine.flatMap((judge): [string, string][] => [
    [
      'transfer',
      `mean ${number(judge.cosine)} ${interval(judge.intervals.cosine)} at ${judge.layer} of ${judge.backbone}`,
    ],
    ['', `floor ${number(judge.floor)}, ceiling ${number(judge.ceiling)}`],
  ]);
  const lines: [string, string][] = [
    [
      'model',
      `${String(settings.model)} (${describeSampling(settings.sampling as SamplingDefaults)})`,
    ],
    ['images', String(report.images)],
    ['cosine', `mean ${number(cosine.mean)} ${interval(intervals.cosine)}`],
    [
      '',
      `median ${number(cosine.median)}, 5 % below ${number(cosine.q05)}, least ${number(cosine.min)}`,
    ],
    ['', `floor ${number(floor.cosine)}, ceiling ${number(ceiling.cosine)}`],
    ['gap closed', `${number(report.gapClosed)} ${interval(intervals.gapClosed)}`],
    ...judged,
    ['top-1 match', share(report.top1Match, intervals.top1Match)],
    ['top-5 match', share(report.top5Match, intervals.top5Match)],
    ['Fréchet', report.frechet === null ? 'needs two images' : number(report.frechet)],
    ['FID', report.fid === null ? NO_FID : number(report.fid)],
    ['pixels', `SSIM ${number(report.ssim)}, squared error ${report.mse.toFixed(0)}`],
    ['time', `${report.seconds.toFixed(1)} s, ${report.secondsPerImage.toFixed(2)} s per image`],
    ...(directory === undefined ? [] : [['written', directory] as [string, string]]),
  ];
  return lines.map(([name, value]) => `${name.padEnd(12)} ${value}`).join('\n');
}

const NO_FID = `not measured: it needs the weights ${INCEPTION_FILE} (see --inception)`;

const number = (value: number): string => value.toFixed(3);
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const interval = ({ low, high }: Interval): string => `[${number(low)}, ${number(high)}]`;
const share = (value: number, { low, high }: Interval): string =>
  `${percent(value)} [${percent(low)}, ${percent(high)}]`;
