/** Results of an experiment as the data of its page. */
import {
  axisLabel,
  cellLabel,
  layOut,
  MEASURE_LABELS,
  measureOf,
  perJudge,
  selectCells,
  varyingAxes,
  type CellResult,
  type Experiment,
  type ExperimentChart,
  type ExperimentGallery,
  type Measure,
} from '../../experiments/index.js';
import type { ShownImage } from '../../evaluation/index.js';
import { encodePng } from '../../images/png.js';
import type {
  ExperimentChartData,
  ExperimentPage,
  Gallery,
  GalleryPicture,
  ResultTable,
} from '../../report/index.js';
import { packageVersion } from '../package-version.js';
import { shortLabel } from '../short-label.js';

/** Columns of the table, where at least one cell has them. */
const TABLE: readonly Measure[] = [
  ...(['cosine', 'gapClosed', 'top1Match', 'top5Match', 'transferCosine'] as const),
  ...(['frechet', 'fid', 'ssim'] as const),
  ...(['flipped', 'mapCosine', 'cosineWithClean', 'top5MatchClean'] as const),
];

export async function experimentPageOf(
  experiment: Experiment,
  cells: readonly CellResult[],
  commands: readonly string[],
): Promise<ExperimentPage> {
  const { title, question, charts, galleries, images, seeds, batch } = experiment;
  const drawn: Gallery[] = [];
  for (const gallery of galleries) drawn.push(await galleryOf(gallery, cells));
  const seconds = cells.reduce((sum, cell) => sum + cell.seconds, 0);
  return {
    ...{ title, question, commands },
    table: resultTable(cells),
    charts: charts.map((chart) => chartOf(chart, cells)),
    galleries: drawn,
    settings: [
      ['Pictures', images.map(({ name, path }) => `${name} (${path})`).join('; ')],
      ['Seeds', seeds.join(', ')],
      ['Batch', String(batch)],
      ['Time', `${seconds.toFixed(0)} s in all, with all measures`],
      ['featinv', packageVersion()],
    ],
  };
}

/** The numbers of all cells, for the page and the terminal. */
export function resultTable(results: readonly CellResult[]): ResultTable {
  const cells = perJudge(results);
  const axes = varyingAxes(cells);
  const names = axes.length > 0 ? axes : (['model'] as const);
  const measures = TABLE.filter((measure) =>
    cells.some(({ summary }) => measureOf(summary, measure).value !== null),
  );
  return {
    caption:
      'Brackets hold 95 % bootstrap intervals over images. The gap is the way from another ' +
      'photograph’s cosine to that of the autoencoder’s copy.',
    names: names.length,
    columns: [...names, 'images', ...measures.map((measure) => MEASURE_LABELS[measure])],
    rows: cells.map(({ coordinates, summary }) => [
      ...names.map((axis) => axisLabel(axis, coordinates[axis])),
      String(summary.images),
      ...measures.map((measure) => {
        const { value, interval } = measureOf(summary, measure);
        if (value === null) return '–';
        const bounds = interval ? ` [${short(interval.low)}, ${short(interval.high)}]` : '';
        return short(value) + bounds;
      }),
    ]),
  };
}

const short = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(3);

function chartOf(chart: ExperimentChart, cells: readonly CellResult[]): ExperimentChartData {
  const { title, value: measure, series, where } = chart;
  const by = chart.type === 'bars' ? chart.by : chart.along;
  const asksJudges = [by, series, ...Object.keys(where)].includes('judge');
  const chosen = selectCells(asksJudges ? perJudge(cells) : cells, where);
  const layout = layOut(chosen, { title, by, series });
  const names = layout.series.map((value) =>
    series === undefined ? MEASURE_LABELS[measure] : `${series} ${axisLabel(series, value)}`,
  );
  const measured = (group: string | number | boolean, of: (typeof layout.series)[number]) => {
    const cell = layout.at(group, of);
    return cell ? measureOf(cell.summary, measure) : { value: null };
  };
  if (chart.type === 'bars') {
    const groups = layout.groups.map((group) => ({
      name: axisLabel(by, group),
      bars: layout.series.map((of) => measured(group, of)),
    }));
    return { type: 'bars', chart: { title, series: names, groups } };
  }
  const places = layout.groups.map(Number).sort((a, b) => a - b);
  const lines = layout.series.map((of, i) => ({
    name: names[i]!,
    values: places.map((place) => measured(place, of).value),
  }));
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  const range = [Math.min(0, ...known), Math.max(...known, 1e-9)] as const;
  return { type: 'lines', chart: { title, places, along: by, lines, range } };
}

/** One row for each photograph, one column for each cell; two rows where the cells altered it. */
async function galleryOf(
  { title, images, where }: ExperimentGallery,
  results: readonly CellResult[],
): Promise<Gallery> {
  const cells = selectCells(results, where);
  const all = cells.flatMap(({ shown }) => shown.map(({ record }) => record.name));
  // Further crops of a photograph would show the same things again.
  const names = [...new Set(all)].filter((name) => !/, crop \d+$/.test(name));
  const columns = cells.map((cell) => cellLabel(cell, cells));
  const isAltered = varyingAxes(cells).some(
    (axis) => axis === 'alteration' || axis === 'severity' || axis === 'epsilon',
  );
  const rows: Gallery['rows'][number][] = [];
  for (const name of names.slice(0, images)) {
    const found = cells.map(({ shown }) => shown.find(({ record }) => record.name === name));
    const seen = await pictures(cells, found, 'reconstruction');
    const given = await pictures(cells, found, 'original');
    if (isAltered) {
      rows.push({ name, pictures: given }, { name: 'as it was seen', pictures: seen });
    } else {
      rows.push({ name, pictures: [given.find((each) => each !== undefined), ...seen] });
    }
  }
  return { title, columns: isAltered ? columns : ['picture', ...columns], rows };
}

/** One side of an image in every cell, with the class that the classifier names first. */
async function pictures(
  cells: readonly CellResult[],
  images: readonly (ShownImage | undefined)[],
  side: 'original' | 'reconstruction',
): Promise<(GalleryPicture | undefined)[]> {
  return Promise.all(
    images.map(async (image, i) => {
      if (!image) return undefined;
      const { record } = image;
      const label = shortLabel(cells[i]!.labels[record.top1[side]]!);
      const cosine = record.cosines.reduce((sum, value) => sum + value, 0) / record.cosines.length;
      const caption = side === 'original' ? label : `${label}, cosine ${cosine.toFixed(2)}`;
      return { png: await encodePng(image[side]), caption };
    }),
  );
}
