import { useEffect, useRef } from 'react';
import { useWords } from '../words/words.tsx';

/** The list of keys. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <div className="head">
        <h2 id="help-title">{words.help.title}</h2>
        <span className="spring" />
        <button type="button" className="quiet" onClick={() => dialog.current!.close()}>{words.shell.close}</button>
      </div>
      <dl>
        {words.help.keys.map(([keys, meaning]) => (
          <div key={keys} style={{ display: 'contents' }}>
            <dt>{keys.split(/\s+/).map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
