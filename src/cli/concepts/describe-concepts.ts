import type { ConceptMeasures, MeasuredConcept } from '../../concepts/measures/measure-concepts.js';
import { formatTable } from '../table.js';

/** `measures.json`, and what --json prints. */
export interface ConceptReport extends Omit<ConceptMeasures, 'concepts'> {
  readonly out: string;
  readonly method: string;
  readonly backbone: string;
  readonly layer: string;
  readonly mapShape: readonly number[];
  readonly imageSize: number;
  readonly class: string | null;
  readonly images: number;
  readonly vectors: number;
  readonly seed: number;
  readonly diagnostics: Readonly<Record<string, number>>;
  /** Of several fits; null where there is one. */
  readonly stability: { readonly mean: number; readonly lowest: number } | null;
  readonly concepts: readonly (MeasuredConcept & { readonly stability: number | null })[];
}

/** Rows of the table; measures.json holds all. */
const ROWS = 30;

export function describeConcepts(report: ConceptReport): string {
  const { concepts } = report;
  const more = concepts.length - ROWS;
  return [
    conceptTable(report),
    ...(more > 0 ? [`and ${more} more`] : []),
    '',
    ...facts(report).map(([name, value]) => `${name.padEnd(14)}${value}`),
  ].join('\n');
}

function conceptTable({ concepts }: ConceptReport): string {
  const columns: [string, (concept: ConceptReport['concepts'][number], k: number) => string][] = [
    ['concept', (_, k) => String(k)],
    ['name', ({ name }) => name],
    ['dimensions', ({ dimensions }) => String(dimensions)],
    ['energy', ({ energyShare }) => percent(energyShare)],
    ['R² so far', ({ rSquared }) => rSquared.toFixed(3)],
  ];
  const [first] = concepts;
  if (first?.relevance !== null) {
    columns.push(['relevance', ({ relevance }) => signed(relevance!)]);
  }
  if (first?.completeness !== null) {
    columns.push(
      ['of class', ({ globalRelevance }) => globalRelevance!.toFixed(3)],
      ['complete so far', ({ completeness }) => completeness!.toFixed(3)],
    );
  }
  if (first?.stability !== null) {
    columns.push(['stability', ({ stability }) => stability!.toFixed(3)]);
  }
  return formatTable(
    columns.map(([title]) => title),
    concepts.slice(0, ROWS).map((concept, k) => columns.map(([, cell]) => cell(concept, k))),
  );
}

function facts(report: ConceptReport): [string, string][] {
  const { sparsity, stability, completeness } = report;
  const [, height, width] = report.mapShape;
  return [
    ['vectors', `${report.vectors}, ${height} x ${width} of each of ${pictures(report.images)}`],
    ['layer', `${report.layer} of ${report.backbone}, pictures of ${report.imageSize} pixels`],
    ['R²', report.rSquared.toFixed(3) + describeOverlap(report.overlap)],
    [
      'sparsity',
      `${percent(sparsity.zeroShare)} of the codes near 0, Hoyer ${sparsity.hoyer.toFixed(3)}`,
    ],
    ['relevance', describeRelevance(report)],
    ...(completeness === null
      ? []
      : [['completeness', describeCompleteness(completeness)] as [string, string]]),
    ...(stability === null
      ? []
      : [
          [
            'stability',
            `mean ${stability.mean.toFixed(3)}, lowest ${stability.lowest.toFixed(3)}`,
          ] as [string, string],
        ]),
    ['written', report.out],
  ];
}

/** Said where it explains why R² falls from one concept to the next. */
const describeOverlap = (overlap: number): string =>
  overlap < 1.1
    ? ''
    : `; parts cancel each other, their squared lengths sum to ${overlap.toFixed(1)} times that of their sum`;

function describeRelevance({ relevance }: ConceptReport): string {
  switch (relevance.kind) {
    case 'unknown':
      return `unknown: ${relevance.reason}`;
    case 'first-order':
      return (
        'gradient × part of the first class’s logit (first order only: it need not sum to the logit), ' +
        `mean over ${pictures(relevance.pictures)}`
      );
    case 'exact':
      return (
        `shares of the first class’s logit, mean over ${pictures(relevance.pictures)}: logit ` +
        `${relevance.logit.toFixed(2)}, of it offset ${signed(relevance.offset)}, rest ${signed(relevance.rest)}`
      );
  }
}

const describeCompleteness = ({
  whole,
  sufficient,
}: NonNullable<ConceptReport['completeness']>): string =>
  `${whole.toFixed(3)} of all concepts; ` +
  (sufficient === null ? '0.5 is not reached' : `0.5 is reached by the first ${sufficient}`);

const pictures = (count: number): string => `${count} ${count === 1 ? 'picture' : 'pictures'}`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const signed = (value: number): string => (value < 0 ? '' : '+') + value.toFixed(2);
