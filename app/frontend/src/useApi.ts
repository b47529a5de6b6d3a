import { useEffect, useState } from 'react';

/** What the API answers once the component is shown. `load` must stay the same function. */
export function useApi<T>(load: (signal: AbortSignal) => Promise<T>): { data?: T; error?: Error } {
  const [state, setState] = useState<{ data?: T; error?: Error }>({});
  useEffect(() => {
    const abort = new AbortController();
    load(abort.signal).then(
      (data) => setState({ data }),
      (error: Error) => {
        if (!abort.signal.aborted) setState({ error });
      },
    );
    return () => abort.abort();
  }, [load]);
  return state;
}
