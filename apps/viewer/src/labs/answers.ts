import { useEffect, useState } from 'react';

/** The latest report of each type of an answer. */
export type Reports<R extends { readonly type: string }> = { readonly [T in R['type']]?: Extract<R, { readonly type: T }> };

/** Asks a worker that leaves an older question for a newer one (`useAsked` waits for it), and gives what it has said so far. The answer to an older question stands until the new one begins; then it is gone. */
export function useAnswer<Q, R extends { readonly type: string }>(worker: Worker, question: Q): Reports<R> & { readonly isNew: boolean } {
  const [state, setState] = useState<{ readonly key: string; readonly reports: Reports<R> }>({ key: '', reports: {} });
  const key = JSON.stringify(question);
  useEffect(() => {
    worker.onmessage = ({ data: { question: asked, report } }: MessageEvent<{ readonly question: Q; readonly report: R }>) => {
      if (JSON.stringify(asked) !== key) return;
      setState((before) => ({ key, reports: { ...(before.key === key ? before.reports : {}), [report.type]: report } as Reports<R> }));
    };
    worker.postMessage(question);
  }, [key]);
  return { ...state.reports, isNew: state.key === key };
}
