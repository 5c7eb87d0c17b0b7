import { useEffect, useRef } from 'react';

/** What keys do, by name; `g r` means first g, then r. */
export type Keys = Readonly<Record<string, () => void>>;

const sequenceMs = 1_000;

/** Whether keys belong to what has the focus: a field, or an open dialog. */
const isTaken = (target: EventTarget | null): boolean => target instanceof Element && target.closest('input:not([type=checkbox], [type=range]), select, textarea, dialog, [contenteditable]') !== null;

/** Listens for keys on the whole page while the component stands. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => void (latest.current = keys));
  useEffect(() => {
    let before = '';
    let at = -Infinity;
    const listener = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return;
      const sequence = event.timeStamp - at < sequenceMs ? `${before} ${event.key}` : event.key;
      const found = [sequence, event.key].find((key) => Object.hasOwn(latest.current, key));
      [before, at] = found === undefined ? [event.key, event.timeStamp] : ['', -Infinity];
      if (found === undefined) return;
      event.preventDefault();
      latest.current[found]();
    };
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}
