import { lazy, StrictMode, Suspense, useEffect, useState } from 'react';
import { RunPage } from '../run/run-page.tsx';
import { RunsPage } from '../runs/runs-page.tsx';
import type { RunSource } from '../server/source.ts';
import { useStore } from '../view/store.ts';
import { goTo, type View } from '../view/view.model.ts';
import { show, touch, view as viewStore } from '../view/view.store.ts';
import { useWords, WordsContext, wordsOf } from '../words/words.tsx';
import { Help } from './help.tsx';
import { useKeptFocus } from './kept-focus.ts';
import { useKeys } from './keys.ts';
import { Link } from './link.tsx';

const LabsPage = lazy(() => import('../labs/labs-page.tsx'));
const LessonsPage = lazy(() => import('../lessons/lessons-page.tsx'));
const TrainPage = lazy(() => import('../train/train-page.tsx'));

export function App({ source }: { readonly source: RunSource }) {
  const view = useStore(viewStore);
  const words = wordsOf(view.language, navigator.languages);
  useKeptFocus();
  useEffect(() => {
    document.documentElement.dataset.theme = view.theme;
    document.documentElement.lang = words.locale;
  }, [view.theme, words.locale]);
  return (
    <StrictMode>
      <WordsContext value={words}>
        <a className="skip" href="#content">{words.shell.skip}</a>
        <Top view={view} />
        <main id="content" tabIndex={-1}>
          {view.page === 'runs' && <RunsPage source={source} view={view} />}
          {view.page === 'run' && <RunPage key={view.runs.join()} source={source} view={view} />}
          {view.page === 'labs' && <Suspense fallback={<p className="blank">{words.states.loading}</p>}><LabsPage view={view} /></Suspense>}
          {view.page === 'lessons' && <Suspense fallback={<p className="blank">{words.states.loading}</p>}><LessonsPage source={source} view={view} /></Suspense>}
          {view.page === 'train' && <Suspense fallback={<p className="blank">{words.states.loading}</p>}><TrainPage view={view} /></Suspense>}
        </main>
      </WordsContext>
    </StrictMode>
  );
}

function Top({ view }: { readonly view: View }) {
  const words = useWords();
  const [help, setHelp] = useState(false);
  useKeys({
    '?': () => setHelp(true),
    'g r': () => show(goTo(view, 'runs')),
    'g t': () => show(goTo(view, 'train')),
  });
  return (
    <header className="top">
      <Link to={goTo(view, 'runs')} className="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" fill="var(--accent)" /><path d="M6 8c5 0 5 15 11 15 4 0 5-3 9-3" fill="none" stroke="var(--accent-text)" strokeWidth="3" strokeLinecap="round" /></svg>
        Gradstream
      </Link>
      <nav aria-label="Gradstream">
        <Link to={goTo(view, 'runs')} current={view.page === 'runs' || view.page === 'run'}>{words.shell.runs}</Link>
        <Link to={goTo(view, 'train')} current={view.page === 'train'}>{words.shell.train}</Link>
        <Link to={goTo(view, 'labs')} current={view.page === 'labs'}>{words.shell.labs}</Link>
        <Link to={goTo(view, 'lessons')} current={view.page === 'lessons'}>{words.shell.lessons}</Link>
      </nav>
      <button type="button" className="quiet keys" onClick={() => setHelp(true)} aria-keyshortcuts="?">{words.shell.help}</button>
      <select className="quiet" aria-label={words.shell.language} value={view.language} onChange={(event) => touch({ language: event.target.value as View['language'] })}>
        {(['auto', 'en', 'ko'] as const).map((language) => <option key={language} value={language}>{words.shell.languages[language]}</option>)}
      </select>
      <select className="quiet" aria-label={words.shell.theme} value={view.theme} onChange={(event) => touch({ theme: event.target.value as View['theme'] })}>
        {(['auto', 'light', 'dark'] as const).map((theme) => <option key={theme} value={theme}>{words.shell.themes[theme]}</option>)}
      </select>
      {help && <Help onClose={() => setHelp(false)} />}
    </header>
  );
}
