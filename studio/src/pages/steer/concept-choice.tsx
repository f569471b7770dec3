import { useId } from 'react';
import type { ConceptCardInfo, ConceptSet } from '../../../../src/server/api.js';
import { patchUrl } from '../../api/client.js';
import { SelectField } from '../../components/fields.js';
import { formatShare, pictureTitle } from '../../state/format.js';

export interface ConceptChoiceProps {
  readonly sets: readonly ConceptSet[];
  readonly set: ConceptSet | undefined;
  readonly concept: number | null;
  readonly onSet: (name: string) => void;
  readonly onConcept: (concept: number) => void;
}

const PATCHES = 4;

/** Concepts as cards: the places of the shipped photographs where each is strongest. */
export function ConceptChoice({ sets, set, concept, onSet, onConcept }: ConceptChoiceProps) {
  const name = useId();
  if (!set) return null;
  return (
    <section className="block">
      <h2>Concept</h2>
      {sets.length > 1 && (
        <SelectField
          label="Set"
          value={set.name}
          options={sets.map((one) => ({
            value: one.name,
            text: `${one.name}: ${one.cards.length} by ${one.method}`,
          }))}
          onChange={onSet}
        />
      )}
      <div className="concept-cards" role="radiogroup" aria-label="Concept">
        {set.cards.map((card) => (
          <label key={card.concept} className="concept-card">
            <input
              type="radio"
              className="unseen"
              name={name}
              checked={card.concept === concept}
              onChange={() => onConcept(card.concept)}
            />
            <Patches set={set.name} card={card} />
            <span className="concept-name">
              {card.name} <span className="quiet">{formatShare(card.energyShare)}</span>
            </span>
          </label>
        ))}
      </div>
    </section>
  );
}

function Patches({ set, card }: { set: string; card: ConceptCardInfo }) {
  return (
    <span className="patches">
      {card.patches.slice(0, PATCHES).map(({ file, picture }) => (
        <img key={file} src={patchUrl(set, file)} alt={`in ${pictureTitle(picture)}`} />
      ))}
    </span>
  );
}
