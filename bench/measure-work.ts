/** Measures one row: our process, the peer's and the machine's own rate, in turns. */
import type { Layout, OpenRequest, Precision } from './protocol.js';
import type { Comparison, Measurement, Row } from './results.js';
import { pairedRatios, spreadOf, type Spread } from './statistics.js';
import { WorkProcess, type Command } from './work-process.js';
import type { Work } from './work.js';
import type { OpSpec } from './workloads/op.js';

export interface MeasureOptions {
  readonly threads: number;
  /** Turns of each process. */
  readonly turns: number;
  /** No further turn is begun after so many seconds. */
  readonly seconds: number;
  readonly ours: Command;
  /** The peer's program and what of it is compared; none without `--peer`. */
  readonly peer:
    { readonly command: Command; readonly precisions: readonly Precision[] } | undefined;
}

/** The machine's own rate: a product of two matrices by the library that all our work runs on. */
export const machineWork: Work & { spec: OpSpec } = {
  name: 'matmul 1024³, eight in a row',
  group: 'ops',
  quick: true,
  spec: { kind: 'op', op: 'matmul', shape: [1024, 1024], pass: 'forward', repeats: 8 },
};

/** A turn shorter than this is filled with several runs, whose median counts. */
const TURN_MS = 400;
const MOST_RUNS = 25;

/** One of the things compared. */
interface Side {
  readonly command: Command;
  readonly name: string;
  readonly request: OpenRequest;
  /** Milliseconds of a run in each turn. */
  readonly turns: number[];
  /** The highest of its processes. */
  peakRssMB: number;
  flops: number | null;
  /** Milliseconds, of the first process. */
  compiling: number | null;
  process?: WorkProcess | undefined;
}

interface PeerSide extends Side {
  readonly precision: Precision;
  readonly layout: Layout;
}

/** Measures one row. Processes that fail end it with a WorkError. */
export async function measureWork(
  work: Work,
  options: MeasureOptions,
): Promise<{ row: Row; versions: Readonly<Record<string, string>> }> {
  const { threads, peer } = options;
  const compared = peer && work.peer !== false ? peer : undefined;
  const machine = side('the machine’s own rate', options.ours, openRequest(machineWork, threads));
  const ours = side(work.name, options.ours, openRequest(work, threads));
  const peers: PeerSide[] = [];
  let versions = {};
  for (const precision of compared?.precisions ?? []) {
    const probed = await probe(work, compared!.command, precision, threads);
    versions = probed.versions;
    peers.push(probed.side);
  }
  const sides = [machine, ours, ...peers];
  try {
    await takeTurns(sides, work.large ?? false, options);
  } finally {
    for (const { process } of sides) process?.kill();
  }
  return { row: describeRow(work, machine, ours, peers), versions };
}

function openRequest(
  { spec }: Work,
  threads: number,
  precision: Precision = 'fp32',
  layout: OpenRequest['layout'] = 'contiguous',
): OpenRequest {
  return { open: spec, threads, precision, layout };
}

function side(name: string, command: Command, request: OpenRequest): Side {
  return { name, command, request, turns: [], peakRssMB: 0, flops: null, compiling: null };
}

/** A process of its own finds the peer's faster layout, so that trying both costs the measured one no memory. */
async function probe(work: Work, command: Command, precision: Precision, threads: number) {
  const name = `${work.name} in PyTorch, ${precision}`;
  const request = openRequest(work, threads, precision, 'probe');
  const { process, opened } = await WorkProcess.open(name, command, request);
  await process.end();
  const { layout, flops, versions } = opened;
  const known = side(name, command, openRequest(work, threads, precision, layout));
  return { side: { ...known, precision, layout, flops }, versions };
}

async function takeTurns(
  sides: readonly Side[],
  large: boolean,
  { turns, seconds }: MeasureOptions,
): Promise<void> {
  const started = performance.now();
  const timeIsUp = (): boolean => performance.now() - started > seconds * 1000;
  if (!large) for (const each of sides) await open(each);
  for (let turn = 0; turn < turns && !(turn > 1 && timeIsUp()); turn++) {
    for (const each of sides) {
      if (each.process === undefined) await open(each);
      await takeTurn(each);
      if (large) await end(each);
    }
  }
  if (!large) for (const each of sides) await end(each);
}

async function open(side: Side): Promise<void> {
  const { process, opened } = await WorkProcess.open(side.name, side.command, side.request);
  side.process = process;
  side.flops ??= opened.flops;
  side.compiling ??= opened.compiling;
}

async function end(side: Side): Promise<void> {
  side.peakRssMB = Math.max(side.peakRssMB, await side.process!.end());
  side.process = undefined;
}

/** The first run, after another process had the caches, decides how many more there are and is not counted. */
async function takeTurn({ process, turns }: Side): Promise<void> {
  const [first] = await process!.run(1, 0);
  const runs = Math.min(MOST_RUNS, Math.ceil(TURN_MS / Math.max(first!, 0.01)));
  // What takes so long that it runs once does not notice cold caches.
  const counted = runs === 1 ? [first!] : await process!.run(runs, 0);
  turns.push(spreadOf(counted).median);
}

function describeRow(work: Work, machine: Side, ours: Side, peers: readonly PeerSide[]): Row {
  const own = measurementOf(ours);
  const share =
    own.gflop === null
      ? null
      : scaled(pairedRatios(machine.turns, ours.turns), ours.flops! / machine.flops!);
  const comparisons = peers.map((peer): [Precision, Comparison] => [
    peer.precision,
    {
      ...measurementOf(peer),
      layout: peer.layout,
      speed: pairedRatios(peer.turns, ours.turns),
      memory: ours.peakRssMB / peer.peakRssMB,
    },
  ]);
  return {
    name: work.name,
    group: work.group,
    images: work.images ?? null,
    ours: own,
    matmulShare: share,
    peers: Object.fromEntries(comparisons),
  };
}

function measurementOf({ turns, peakRssMB, flops, compiling }: Side): Measurement {
  return {
    milliseconds: spreadOf(turns),
    turns: turns.length,
    peakRssMB,
    compiling: compiling ?? 0,
    gflop: flops === null ? null : flops / 1e9,
  };
}

const scaled = ({ median, min, max }: Spread, factor: number): Spread => ({
  median: median * factor,
  min: min * factor,
  max: max * factor,
});
