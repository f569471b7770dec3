import { type FormEvent, useId, useState } from 'react';
import type { TrainingOverview } from '../../../../src/server/api.js';
import { NumberField, SelectField } from '../../components/fields.js';
import type { TrainParams } from '../../state/train-params.js';
import { isUnderWay, type Training } from '../../state/use-training.js';
import { api } from '../../api/client.js';

export interface StartFormProps {
  readonly overview: TrainingOverview;
  readonly training: Training;
  readonly form: TrainParams['form'];
  readonly onEdit: (form: TrainParams['form']) => void;
  readonly onStarted: (id: string) => void;
}

const SEED_END = 2 ** 32 - 1;
/** Learning rates to choose from beside the recipe's own. */
const FACTORS = [0.1, 0.3, 1, 3] as const;

export function StartForm({ overview, training, form, onEdit, onStarted }: StartFormProps) {
  const { recipes, data, limits, runs } = overview;
  const nameId = useId();
  const [name, setName] = useState('');
  const recipe = recipes.find((one) => one.name === form.recipe)!;
  const chosen = data.find((one) => one.name === form.data)!;
  const isBusy = runs.some((run) => run.isOwn && isUnderWay(run));
  const rates = new Set([
    ...FACTORS.map((factor) => rounded(recipe.learningRate * factor)),
    form.learningRate,
  ]);
  const start = (event: FormEvent): void => {
    event.preventDefault();
    const given = name.trim() === '' ? `${form.recipe}, ${form.steps} steps` : name;
    training.wish(api.startTraining({ ...form, name: given }), ({ id }) => onStarted(id));
  };
  return (
    <details className="fit" open={runs.length === 0 || undefined}>
      <summary>Start a run</summary>
      <form className="start-form" onSubmit={start}>
        <SelectField
          label="What it learns to read"
          value={form.recipe}
          options={recipes.map((one) => ({ value: one.name, text: one.description }))}
          onChange={(value) => {
            const { learningRate } = recipes.find((one) => one.name === value)!;
            onEdit({ ...form, recipe: value, learningRate });
          }}
        />
        <SelectField
          label="Photographs"
          value={form.data}
          options={data.map((one) => ({ value: one.name, text: `${one.title} (${one.pictures})` }))}
          onChange={(value) => onEdit({ ...form, data: value })}
        />
        {!chosen.isHeldOut && (
          <p className="quiet">
            It is measured on the very photographs that it learns from: the curve shows that it
            learns, not how well it draws others.
          </p>
        )}
        <NumberField
          label="Steps"
          value={form.steps}
          from={1}
          to={limits.steps}
          onChange={(steps) => onEdit({ ...form, steps })}
        />
        <NumberField
          label="Pictures in a step"
          value={form.batchSize}
          from={1}
          to={limits.batchSize}
          onChange={(batchSize) => onEdit({ ...form, batchSize })}
        />
        <SelectField
          label="Learning rate"
          value={String(form.learningRate)}
          options={[...rates]
            .sort((a, b) => a - b)
            .map((rate) => ({
              value: String(rate),
              text: rate === recipe.learningRate ? `${rate} (the recipe’s)` : String(rate),
            }))}
          onChange={(value) => onEdit({ ...form, learningRate: Number(value) })}
        />
        <NumberField
          label="Seed"
          value={form.seed}
          from={0}
          to={SEED_END}
          onChange={(seed) => onEdit({ ...form, seed })}
        />
        <div className="field">
          <label htmlFor={nameId}>Name</label>
          <input
            id={nameId}
            value={name}
            maxLength={60}
            placeholder={`${form.recipe}, ${form.steps} steps`}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <button type="submit" className="primary wide" disabled={isBusy}>
          Start training
        </button>
        <p className="quiet" role="status">
          {isBusy
            ? 'One run at a time: pause the other one first.'
            : 'Runs on this machine; drawing on the other pages gets slower meanwhile.'}
        </p>
      </form>
    </details>
  );
}

const rounded = (rate: number): number => Number(rate.toPrecision(2));
