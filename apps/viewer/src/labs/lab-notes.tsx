import { concepts } from '@gradstream/diagnostics/verdicts';
import type { ReactNode } from 'react';
import { Link } from '../shell/link.tsx';
import { goTo, type View } from '../view/view.model.ts';
import { useWords } from '../words/words.tsx';

/** What stands under every lab: what is computed, the recipe that measures the same claim, and what the lab does not show. */
export function LabNotes({ view, formula, recipe, limits }: { readonly view: View; readonly formula: ReactNode; readonly recipe: string; readonly limits: string }) {
  const words = useWords();
  const concept = concepts.find((concept) => concept.recipe === recipe);
  return (
    <dl className="card lab-notes">
      <div><dt>{words.labs.formula}</dt><dd>{formula}</dd></div>
      <div><dt>{words.labs.recipe}</dt><dd><code>gradstream recipe run {recipe}</code>{concept && <> <Link to={{ ...goTo(view, 'lessons'), lesson: concept.id }}>{concept.name}</Link></>}</dd></div>
      <div><dt>{words.labs.limits}</dt><dd>{limits}</dd></div>
    </dl>
  );
}
