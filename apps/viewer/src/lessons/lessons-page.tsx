import { concepts, type Concept } from '@gradstream/diagnostics/verdicts';
import { useMemo } from 'react';
import type { RunSource } from '../server/source.ts';
import { Link } from '../shell/link.tsx';
import { useStore } from '../view/store.ts';
import { goTo, type View } from '../view/view.model.ts';
import { useWords } from '../words/words.tsx';
import { ForestFigure } from './forest-figure.tsx';
import { documentsOf, forestsOf } from './lesson.model.ts';
import { lessonStore } from './lesson.store.ts';
import './lessons.css';

/** Runs whose curves are shown together at most. */
const mostCurves = 24;

/** All concepts, or the one that the address names. */
export default function LessonsPage({ source, view }: { readonly source: RunSource; readonly view: View }) {
  const words = useWords();
  const concept = concepts.find(({ id }) => id === view.lesson);
  return (
    <div className="lessons">
      <nav aria-label={words.lessons.title}>
        {concepts.map(({ id, name }) => <Link key={id} to={{ ...goTo(view, 'lessons'), lesson: id }} current={id === concept?.id}>{name}</Link>)}
      </nav>
      {concept ? <Lesson key={concept.id} concept={concept} source={source} view={view} /> : <article><h1>{words.lessons.title}</h1><p className="intro">{words.lessons.intro}</p></article>}
    </div>
  );
}

function Lesson({ concept: { name, statement, source: from, said, holds, recipe, shows }, source, view }: { readonly concept: Concept; readonly source: RunSource; readonly view: View }) {
  const words = useWords();
  const store = useMemo(() => lessonStore(source, recipe), [source, recipe]);
  const { status, verdict, measures, trained } = useStore(store);
  const { recipe: document, report } = documentsOf(verdict?.spec);
  const forests = useMemo(() => (document ? forestsOf(document, measures) : []), [document, measures]);
  const command = `gradstream recipe run ${recipe}`;
  return (
    <article>
      <h1>{name}</h1>
      <p className="statement">{statement} <cite>{from}</cite></p>
      {said && <dl className="card said"><div><dt>{words.lessons.said}</dt><dd>{said}</dd></div><div><dt>{words.lessons.holds}</dt><dd>{holds}</dd></div></dl>}
      <section aria-label={words.lessons.here}>
        <h2>{words.lessons.here}</h2>
        <p className="note">{recipe}: {shows}</p>
        {!verdict && <div className="blank"><p>{status === 'loading' ? words.states.loading : words.lessons.notRun}</p><code>{command}</code></div>}
        {verdict && <p className="verdict" data-verdict={report?.verdict}>{report ? words.lessons.verdicts[report.verdict] : words.lessons.underWay}{document?.claim ? `: ${document.claim}` : ''}</p>}
        {report?.failed.map((failure) => <p key={failure.says} className="notice danger">{failure.says}</p>)}
        {forests.map((forest) => <ForestFigure key={forest.metric} forest={forest} />)}
        {trained.length > 0 && <p><Link to={goTo(view, 'run', trained.slice(0, mostCurves).map(({ id }) => id))} className="button">{words.lessons.curves(Math.min(mostCurves, trained.length), trained.length)}</Link></p>}
        {document?.note && <p className="note">{document.note}</p>}
        {verdict && <p className="note"><code>{command}</code></p>}
      </section>
    </article>
  );
}
