import { useStore } from '../view/store.ts';
import { useWords } from '../words/words.tsx';
import type { Zoom } from './zoom.store.ts';

/** What a panel draws of runs that are too large for the page, and how to see more. */
export function ZoomNote({ zoom }: { readonly zoom: Zoom }) {
  const words = useWords();
  const { points, buckets, loading, failure } = useStore(zoom);
  return (
    <p className="zoom-note" data-points={points} data-buckets={buckets} aria-busy={loading}>
      {buckets < points ? words.run.drawnFrom(points, buckets) : words.run.drawnAll(points)}
      {failure !== undefined && <span role="alert"> {words.run.notFiner(failure)} <button type="button" className="gs-quiet" onClick={zoom.again}>{words.run.tryAgain}</button></span>}
    </p>
  );
}
