/// <reference lib="webworker" />
/** Trains and computes slices; a new question ends the answer to the one before. */
import { catchError, map, of, Subject, switchMap } from 'rxjs';
import { answer$, type LandscapeQuestion, type LandscapeReport } from './landscape.answer.ts';

const scope = self as unknown as DedicatedWorkerGlobalScope;
const questions$ = new Subject<LandscapeQuestion>();
scope.onmessage = ({ data }: MessageEvent<LandscapeQuestion>) => questions$.next(data);

questions$.pipe(switchMap((question) => answer$(question).pipe(
  catchError((error: unknown) => of<LandscapeReport>({ type: 'failed', message: error instanceof Error ? error.message : String(error) })),
  map((report) => ({ question, report })),
))).subscribe((said) => scope.postMessage(said));
