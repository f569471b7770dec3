import { useEffect, useRef, useState } from 'react';
import type {
  ConceptMethodName,
  ConceptsRequest,
  JobRequest,
  StudioInfo,
} from '../../../../src/server/api.js';
import { SelectField, Slider } from '../../components/fields.js';
import { RunBar } from '../../components/run-bar.js';
import { type Run, useRun } from '../../state/use-run.js';

const METHODS: Readonly<Record<ConceptMethodName, string>> = {
  kmeans: 'k-means: each place belongs to one concept',
  pca: 'principal components: directions of most variation',
  nmf: 'non-negative factors: parts that add up',
  'semi-nmf': 'semi-non-negative factors: parts of any map',
};

export interface Fit {
  readonly run: Run;
  /** Id of the job that has fitted concepts here last. */
  readonly fitted: string;
  readonly start: (method: ConceptMethodName, count: number) => void;
  readonly stop: () => void;
}

/** Fits concepts to the shipped photographs; `onFitted` hears their name. */
export function useFit(inverter: string, onFitted: (concepts: string) => void): Fit {
  const [request, setRequest] = useState<ConceptsRequest | null>(null);
  const run = useRun(request satisfies JobRequest | null);
  const { state } = run;
  const job = state.phase === 'following' ? state.job : undefined;
  const result = job?.result?.kind === 'concepts' ? job.result : undefined;
  const fitted = result && job ? job.id : '';
  const told = useRef('');
  useEffect(() => {
    if (!result || told.current === fitted || request?.inverter !== inverter) return;
    told.current = fitted;
    setRequest(null);
    onFitted(result.name);
  }, [result, fitted, request, inverter, onFitted]);
  return {
    ...{ run, fitted },
    start: (method, count) => {
      told.current = '';
      setRequest({ kind: 'concepts', inverter, method, count });
    },
    stop: () => {
      run.cancel();
      setRequest(null);
    },
  };
}

export interface FitConceptsProps {
  readonly info: StudioInfo;
  readonly fit: Fit;
  /** Whether it is the next thing to do. */
  readonly isOpen: boolean;
  /** Name of a set that a link asks for and that is not here; its method and number are proposed. */
  readonly missing?: string | undefined;
}

/** Finds the concepts of a layer in the shipped photographs. */
export function FitConcepts({ info, fit, isOpen, missing = '' }: FitConceptsProps) {
  const most = Math.min(32, info.limits.concepts);
  const asked = fitOf(missing, info.conceptMethods, most);
  const [method, setMethod] = useState(asked?.method ?? info.conceptMethods[0]!);
  const [count, setCount] = useState(asked?.count ?? 10);
  return (
    <details className="fit" open={isOpen}>
      <summary>{isOpen ? 'First, find concepts' : 'Find other concepts'}</summary>
      <p className="quiet">
        In the maps of the {info.samples.length} sample photographs; that takes about a minute at
        most.
      </p>
      <div className="fit-fields">
        <SelectField
          label="Method"
          value={method}
          options={info.conceptMethods.map((name) => ({ value: name, text: METHODS[name] }))}
          onChange={(value) => setMethod(info.conceptMethods.find((name) => name === value)!)}
        />
        <Slider label="Concepts" value={count} from={2} to={most} step={1} onChange={setCount} />
      </div>
      <RunBar
        run={fit.run}
        label="Find concepts"
        onStart={() => fit.start(method, count)}
        onCancel={fit.stop}
      />
    </details>
  );
}

/** What a set's name tells of its fit: it ends with the method and the number of concepts. */
function fitOf(
  name: string,
  methods: readonly ConceptMethodName[],
  most: number,
): { method: ConceptMethodName; count: number } | undefined {
  const method = methods
    .filter((one) => new RegExp(`-${one}-\\d+$`).test(name))
    .sort((a, b) => b.length - a.length)[0];
  const count = Number(/\d+$/.exec(name)?.[0]);
  return method && count >= 2 && count <= most ? { method, count } : undefined;
}
