import { useState } from 'react';
import { addNote, getNotes, type Note } from './api.ts';
import { useApi } from './useApi.ts';

export default function Notes() {
  const { data, error } = useApi(getNotes);
  const [added, setAdded] = useState<Note[]>([]);
  const [failure, setFailure] = useState<Error>();

  async function add(form: FormData) {
    try {
      const note = await addNote(String(form.get('text')));
      setAdded((notes) => [note, ...notes]);
      setFailure(undefined);
    } catch (cause) {
      setFailure(cause as Error);
    }
  }

  const problem = failure ?? error;
  return (
    <section>
      <h2>Notes</h2>
      <form action={add}>
        <input name="text" aria-label="New note" required maxLength={500} /> <button type="submit">Add</button>
      </form>
      {problem && <p role="alert">{problem.message}</p>}
      <ul>
        {[...added, ...(data ?? [])].map((note) => (
          <li key={note.id}>{note.text}</li>
        ))}
      </ul>
    </section>
  );
}
