import { lazy, Suspense } from 'react';
import { getHealth } from './api.ts';
import { useApi } from './useApi.ts';

const Notes = lazy(() => import('./Notes.tsx'));

export function App() {
  const { data: health, error } = useApi(getHealth);
  return (
    <main>
      <h1>tap sample</h1>
      {error && <p role="alert">The API cannot be reached: {error.message}</p>}
      {health && (
        <>
          <p>
            API: {health.status}, release <code>{health.release}</code>
          </p>
          <Suspense fallback={<p>Loading…</p>}>
            <Notes />
          </Suspense>
        </>
      )}
    </main>
  );
}
