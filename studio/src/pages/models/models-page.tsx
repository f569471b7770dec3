import type { ReactNode } from 'react';
import type { ModelInfo } from '../../../../src/server/api.js';
import { api } from '../../api/client.js';
import { CopyButton } from '../../components/copy-button.js';
import { Notice } from '../../components/notice.js';
import { formatMegabytes } from '../../state/format.js';
import { useLoaded } from '../../state/use-loaded.js';

/** What is here, what could be, how large it is and under which licence. */
export function ModelsPage() {
  const models = useLoaded(api.models, '');
  return (
    <section className="page">
      <h1>Models</h1>
      <p className="lead">
        An inverter draws what one layer of a backbone saw, with a base model that knows what pictures
        look like. What is not here yet is fetched with the command beside it.
      </p>
      {models.state === 'failed' && <Notice kind="error">{models.message}</Notice>}
      {models.state === 'loaded' && (
        <>
          <ModelTable title="Inverters" models={models.value.inverters}>
            Draw pictures from a layer’s map.
          </ModelTable>
          <ModelTable title="Backbones" models={models.value.backbones}>
            The classifiers that are looked into.
          </ModelTable>
          <ModelTable title="Bases" models={models.value.bases}>
            Diffusion models that inverters steer.
          </ModelTable>
        </>
      )}
    </section>
  );
}

interface ModelTableProps {
  readonly title: string;
  readonly models: readonly ModelInfo[];
  readonly children: ReactNode;
}

function ModelTable({ title, models, children }: ModelTableProps) {
  // What is here comes first.
  const sorted = [...models].sort((a, b) => Number(b.here) - Number(a.here));
  return (
    <section className="models">
      <h2>{title}</h2>
      <p className="quiet">{children}</p>
      <div className="scroll" role="region" aria-label={title} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">What it is</th>
              <th scope="col" className="number">
                Size
              </th>
              <th scope="col">Licence</th>
              <th scope="col">Here</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((model) => (
              <tr key={model.id}>
                <th scope="row">
                  {model.id} {model.standard && <span className="chip">standard</span>}
                </th>
                <td>{model.description}</td>
                <td className="number">
                  {model.megabytes === null ? '–' : formatMegabytes(model.megabytes)}
                </td>
                <td>{model.licence ?? 'see its source'}</td>
                <td>
                  <Availability model={model} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Availability({ model: { here, pull } }: { model: ModelInfo }) {
  if (here) return <span className="here">here</span>;
  if (pull === null) return <>not here</>;
  return (
    <span className="pull">
      <code>{pull}</code>
      <CopyButton label="Copy" text={() => pull} />
    </span>
  );
}
