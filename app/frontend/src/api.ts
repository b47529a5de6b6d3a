const base = import.meta.env.VITE_API_URL ?? '/api';

export interface Health {
  status: string;
  release: string;
}

export interface Note {
  id: number;
  text: string;
  pinned: boolean;
}

export const getHealth = (signal: AbortSignal) => call<Health>('/health', { signal });

export const getNotes = (signal: AbortSignal) => call<Note[]>('/notes', { signal });

export const addNote = (text: string) =>
  call<Note>('/notes', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ text }),
  });

async function call<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(base + path, init);
  if (!response.ok) throw new Error(`the API answered ${response.status}`);
  return response.json() as Promise<T>;
}
