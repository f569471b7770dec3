import { useEffect, useState } from 'react';

export type Loaded<Value> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly message: string }
  | { readonly state: 'loaded'; readonly value: Value };

/** What `load` answers, asked for again whenever `key` changes; meanwhile the last answer stays. */
export function useLoaded<Value>(load: () => Promise<Value>, key: string | number): Loaded<Value> {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ state: 'loading' });
  useEffect(() => {
    let isCurrent = true;
    load().then(
      (value) => isCurrent && setLoaded({ state: 'loaded', value }),
      (error: Error) => isCurrent && setLoaded({ state: 'failed', message: error.message }),
    );
    return () => {
      isCurrent = false;
    };
    // `load` is a new function at every render: the key says when it asks for something else.
  }, [key]);
  return loaded;
}
