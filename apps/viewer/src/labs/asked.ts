import { useEffect, useRef, useState } from 'react';

/** What the worker of a lab says to a question: parts of the answer as they come, then that it is done. */
export type Told<Answer> = { readonly part: Partial<Answer> } | { readonly done: true; readonly error?: string };

export interface Asked<Answer> {
  /** The newest parts; some may still belong to an older question. */
  readonly answer: Partial<Answer>;
  /** Whether the newest question is answered. */
  readonly done: boolean;
  readonly error?: string;
}

/** Asks a worker the newest question: one is under way at a time, and those overtaken meanwhile are never asked. */
export function useAsked<Question, Answer extends object>(worker: Worker, question: Question): Asked<Answer> {
  const [{ answer, answered, error }, setState] = useState<{ readonly answer: Partial<Answer>; readonly answered?: string; readonly error?: string }>({ answer: {} });
  const line = useRef<{ under?: string; next?: string }>({});
  const key = JSON.stringify(question);
  useEffect(() => {
    worker.onmessage = ({ data }: MessageEvent<Told<Answer>>) => {
      if ('part' in data) return setState((state) => ({ ...state, answer: { ...state.answer, ...data.part } }));
      const { under, next } = line.current;
      line.current = { under: next };
      if (next !== undefined) worker.postMessage(JSON.parse(next));
      return setState(({ answer }) => ({ answer, answered: under, error: data.error }));
    };
    worker.onerror = ({ message }) => setState(({ answer }) => ({ answer, answered: line.current.under, error: message }));
  }, [worker]);
  useEffect(() => {
    if (line.current.under === undefined) {
      line.current.under = key;
      worker.postMessage(question);
    } else line.current.next = key;
  }, [worker, key]);
  return { answer, done: answered === key, error };
}
