import type { SteerResult } from '../../../../src/server/api.js';
import { formatChange, formatShare, shortLabel } from '../../state/format.js';

/** How strong the concept has become, and which classes gained or lost. */
export function ClassChanges({ result: { strength, classes } }: { result: SteerResult }) {
  return (
    <section className="block">
      <h2>What the classifier makes of it</h2>
      <p className="quiet">
        Mean activation of the concept: {strength.original.toFixed(2)} in the photograph,{' '}
        {strength.steered.toFixed(2)} asked for; {strength.before.toFixed(2)} in the pictures drawn
        before, {strength.after.toFixed(2)} in those drawn after.
      </p>
      <div className="scroll" role="region" aria-label="Classes that change most" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col" className="number">
                Before
              </th>
              <th scope="col" className="number">
                After
              </th>
              <th scope="col" className="number">
                Change, points
              </th>
              <th scope="col" className="number">
                Foretold by the map
              </th>
            </tr>
          </thead>
          <tbody>
            {classes.map(({ index, label, measured, predicted }) => (
              <tr key={index}>
                <th scope="row">{shortLabel(label)}</th>
                <td className="number">{formatShare(measured.before)}</td>
                <td className="number">{formatShare(measured.after)}</td>
                <td className="number">{formatChange(measured.after - measured.before)}</td>
                <td className="number">
                  {predicted ? formatChange(predicted.after - predicted.before) : '–'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
