import { planTraining, type PlanAssumptions } from './plan.js';

/** docs/scaling.md says of each number whether it is measured, counted or assumed. */
const PAPER: PlanAssumptions = {
  flopsPerPicture: 835e9,
  pictures: 480_000 * 8,
  batch: 8,
  innerSteps: 500,
  weightBytes: 368_746_432 * 4,
  delta: 0.5,
  state: 2,
  flopsPerSecond: 0.3 * 156e12,
  bytesPerSecond: 1.25e9,
  dollarsPerHour: 1.8,
  straggling: 0.06,
  secondsBetweenLosses: 24 * 3600,
  noticeSeconds: 40,
  replaceSeconds: 600,
};

/** Tables in Markdown. */
export function describePlan(): string {
  const rows = [1, 8, 64].map((gpus) => {
    const plan = planTraining(gpus, PAPER);
    return [
      gpus,
      plan.rounds,
      plan.hours.toFixed(1),
      plan.dollars.toFixed(0),
      `${(100 * plan.utilisation).toFixed(0)} %`,
      plan.lost,
      (plan.bytesPerRound / 1e9).toFixed(1),
      `${plan.trafficSaved.toFixed(0)}×`,
    ];
  });
  const head = ['GPUs', 'rounds', 'hours', '$', 'used', 'lost', 'GB a round', 'less traffic'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
