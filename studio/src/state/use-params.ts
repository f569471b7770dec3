import { useMemo } from 'react';
import type { StudioInfo } from '../../../src/server/api.js';
import { navigate } from '../router.js';
import { UrlReader } from './url-reader.js';

export interface PageParams<Params> {
  readonly params: Params;
  /** What was wrong with the address. */
  readonly problems: readonly string[];
  /** Changes settings: the result that is shown stays one step back in the browser's history. */
  readonly edit: (change: Partial<Params>) => void;
  /** Asks for the result of these settings. */
  readonly start: (change?: Partial<Params>) => void;
  /** Asks for it no longer: the page loaded anew would not, either. */
  readonly stop: () => void;
}

/** The parameters of the page at `path`, kept in its address. */
export function useParams<Params extends { readonly run: boolean }>(
  path: string,
  search: string,
  info: StudioInfo,
  codec: {
    readonly read: (reader: UrlReader, info: StudioInfo) => Params;
    readonly write: (params: Params) => string;
  },
): PageParams<Params> {
  const { read, write } = codec;
  const { params, problems } = useMemo(() => {
    const reader = new UrlReader(new URLSearchParams(search));
    return { params: read(reader, info), problems: reader.problems };
  }, [read, search, info]);
  const go = (change: Partial<Params>, run: boolean, how: 'push' | 'replace'): void =>
    navigate(`${path}${write({ ...params, ...change, run })}`, how);
  return {
    params,
    problems,
    edit: (change) => go(change, false, params.run ? 'push' : 'replace'),
    start: (change = {}) => go(change, true, 'replace'),
    stop: () => go({}, false, 'replace'),
  };
}
