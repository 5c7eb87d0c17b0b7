import { Suspense } from 'react';
import { Link } from '../shell/link.tsx';
import { goTo, type View } from '../view/view.model.ts';
import { useWords } from '../words/words.tsx';
import { labNames, labs } from './labs.ts';
import './labs.css';

/** All labs, or the one that the address names. */
export default function LabsPage({ view }: { readonly view: View }) {
  const words = useWords();
  const open = labNames.find((name) => name === view.lab);
  const Lab = open && labs[open];
  const to = (lab: string): View => ({ ...goTo(view, 'labs'), lab });
  return (
    <div className="labs">
      <nav aria-label={words.labs.title}>
        {labNames.map((name) => <Link key={name} to={to(name)} current={name === open}>{words.labs[name].title}</Link>)}
      </nav>
      {Lab
        ? <article><Suspense fallback={<p className="blank">{words.states.loading}</p>}><Lab view={view} /></Suspense></article>
        : (
          <article>
            <h1>{words.labs.title}</h1>
            <p className="intro">{words.labs.intro}</p>
            <ul className="cards">
              {labNames.map((name) => <li key={name} className="card"><h2><Link to={to(name)}>{words.labs[name].title}</Link></h2><p>{words.labs[name].about}</p></li>)}
            </ul>
          </article>
        )}
    </div>
  );
}
