/// <reference lib="webworker" />
/** Trains two solutions and measures them; a new question ends the answer to the one before. */
import { catchError, map, of, Subject, switchMap } from 'rxjs';
import { answer$, type FlatSharpQuestion, type FlatSharpReport } from './flat-sharp.answer.ts';

const scope = self as unknown as DedicatedWorkerGlobalScope;
const questions$ = new Subject<FlatSharpQuestion>();
scope.onmessage = ({ data }: MessageEvent<FlatSharpQuestion>) => questions$.next(data);

questions$.pipe(switchMap((question) => answer$(question).pipe(
  catchError((error: unknown) => of<FlatSharpReport>({ type: 'failed', message: error instanceof Error ? error.message : String(error) })),
  map((report) => ({ question, report })),
))).subscribe((said) => scope.postMessage(said));
