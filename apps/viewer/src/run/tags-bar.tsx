import type { RunPatch } from '@gradstream/protocol';
import { useState, type FormEvent } from 'react';
import { noteTag } from '../runs/fields.model.ts';
import type { RunSource } from '../server/source.ts';
import { useWords } from '../words/words.tsx';
import type { WatchedRun } from './watch.store.ts';

/** A run's tags and the note somebody wrote on it. They are kept by the server; an empty text takes a tag away. */
export function TagsBar({ run: { id, detail }, source }: { readonly run: WatchedRun; readonly source: RunSource }) {
  const words = useWords();
  const [failure, setFailure] = useState<string>();
  if (!detail) return null;
  const save = (tags: NonNullable<RunPatch['tags']>) => {
    setFailure(undefined);
    source.patch(id, { tags }).subscribe({ error: (error: Error) => setFailure(error.message) });
  };
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const field = event.currentTarget.elements.namedItem('tag') as HTMLInputElement;
    const [name, ...value] = field.value.split('=');
    if (name.trim() === '') return;
    save({ [name.trim()]: value.join('=').trim() || 'yes' });
    field.value = '';
  };
  const shown = Object.entries(detail.tags).filter(([name, value]) => name !== noteTag && value !== '');
  return (
    <div className="tags">
      <ul aria-label={words.run.tags}>
        {shown.map(([name, value]) => (
          <li key={name} className="chip" title={`${name} = ${value}`}>
            <span>{name}{value !== 'yes' && ` = ${value}`}</span>
            <button type="button" className="icon" aria-label={words.run.removeTag(name)} onClick={() => save({ [name]: '' })}>×</button>
          </li>
        ))}
      </ul>
      <form onSubmit={add}><input type="text" name="tag" aria-label={words.run.addTag} placeholder={words.run.addTagHint} maxLength={500} autoComplete="off" /></form>
      <NoteField value={detail.tags[noteTag] ?? ''} onSave={(text) => save({ [noteTag]: text })} />
      {failure && <span role="alert" className="refusal">{words.run.notSaved(failure)}</span>}
    </div>
  );
}

/** Saved when the field is left. */
function NoteField({ value, onSave }: { readonly value: string; readonly onSave: (text: string) => void }) {
  const words = useWords();
  const [text, setText] = useState<string>();
  return (
    <textarea
      rows={1} maxLength={5_000} aria-label={words.run.note} placeholder={words.run.noteHint} value={text ?? value}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => {
        if (text !== undefined && text !== value) onSave(text);
        setText(undefined);
      }}
    />
  );
}
