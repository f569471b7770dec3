import { useDeferredValue, useState } from 'react';
import type { ModelInfo } from '../../../../src/server/api.js';
import { api } from '../../api/client.js';
import { Notice } from '../../components/notice.js';
import { useLoaded } from '../../state/use-loaded.js';
import { isUnderWay, type Pulls, usePulls } from '../../state/use-pulls.js';
import { ModelRow } from './model-row.js';

/** What is here, what can be fetched, how large it is and under which licence. */
export function ModelsPage() {
  const pulls = usePulls();
  const models = useLoaded(api.models, pulls.done);
  return (
    <section className="page">
      <h1>Models</h1>
      <p className="lead">
        A backbone is a classifier that is looked into. An inverter draws what one of its layers saw,
        with a base model that knows what pictures look like.
      </p>
      {models.state === 'failed' && <Notice kind="error">{models.message}</Notice>}
      {pulls.problem !== null && models.state === 'loaded' && (
        <Notice kind="error">{pulls.problem}</Notice>
      )}
      {models.state === 'loaded' && (
        <>
          {models.value.isOffline && (
            <Notice kind="hint">
              This studio is told to use no network (HF_HUB_OFFLINE): it can fetch nothing. Start it
              without that setting to get models from here.
            </Notice>
          )}
          <Models title="Inverters" models={models.value.inverters} pulls={pulls}>
            Draw pictures from a layer’s map.
          </Models>
          <Models title="Backbones" models={models.value.backbones} pulls={pulls}>
            Classifiers to look into; an inverter is trained for one layer of one backbone.
          </Models>
          <Models title="Bases" models={models.value.bases} pulls={pulls}>
            Diffusion models that inverters steer.
          </Models>
          <Models title="Measures" models={models.value.measures} pulls={pulls}>
            What an evaluation compares pictures with.
          </Models>
        </>
      )}
    </section>
  );
}

interface ModelsProps {
  readonly title: string;
  readonly models: readonly ModelInfo[];
  readonly pulls: Pulls;
  readonly children: string;
}

/** More of what could be fetched than this waits to be unfolded. */
const SHOWN = 6;

function Models({ title, models, pulls, children }: ModelsProps) {
  const [sought, setSought] = useState('');
  const words = useDeferredValue(sought).toLowerCase().split(/\s+/);
  // What is under way stays in sight when the list is folded.
  const isShown = ({ id, here }: ModelInfo): boolean => {
    const pull = pulls.of(id);
    return here || (pull !== undefined && (isUnderWay(pull) || pull.state === 'failed'));
  };
  const others = models.filter((model) => !isShown(model));
  const isLong = others.length > SHOWN;
  const found = others.filter(({ id, description, licence }) =>
    words.every((word) => `${id} ${description} ${licence}`.toLowerCase().includes(word)),
  );
  const row = (model: ModelInfo) => (
    <ModelRow key={model.id} model={model} pull={pulls.of(model.id)} pulls={pulls} />
  );
  return (
    <section className="models">
      <h2>{title}</h2>
      <p className="quiet">{children}</p>
      <ul aria-label={title}>
        {models.filter(isShown).map(row)}
        {!isLong && others.map(row)}
      </ul>
      {isLong && (
        <details>
          <summary>{others.length} more to fetch</summary>
          <label className="seek">
            Find
            <input
              type="search"
              value={sought}
              placeholder="name, size or licence"
              onChange={(event) => setSought(event.target.value)}
            />
          </label>
          <ul aria-label={`${title} to fetch`}>{found.map(row)}</ul>
          {found.length === 0 && <p className="quiet">None of them is called that.</p>}
        </details>
      )}
    </section>
  );
}
