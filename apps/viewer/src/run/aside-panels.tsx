import { type Crosshair, DistributionFigure } from '@gradstream/charts';
import type { View } from '../view/view.model.ts';
import { useWords } from '../words/words.tsx';
import { imageAt, type RunAsides } from './asides.ts';
import { loop } from './curve-panels.tsx';

/** What a run said beside its numbers: images, distributions, remarks. */
export function AsidePanels({ asides, view, crosshair }: { readonly asides: RunAsides; readonly view: View; readonly crosshair: Crosshair }) {
  const words = useWords();
  const { images, distributions, remarks } = asides;
  const kindOf = (name: string) => (name.startsWith('weights/') ? 'weights' : name.startsWith('gradients/') ? 'gradients' : 'other');
  const window = view.axis === 'step' ? view.x : undefined;
  return (
    <>
      {images.length > 0 && (
        <section className="section">
          <h2>{words.run.images}</h2>
          <div className="images">
            {images.map(([name, all]) => {
              const shown = imageAt(all, view.at)!;
              return (
                <figure key={name} className="card" data-image={name}>
                  <img src={`data:image/png;base64,${shown.png}`} alt={shown.caption ?? words.run.imageOf(name, shown.step)} />
                  <figcaption>{words.run.imageOf(name, shown.step)}{shown.caption && <span className="note">{shown.caption}</span>}</figcaption>
                </figure>
              );
            })}
          </div>
        </section>
      )}
      {(['weights', 'gradients', 'other'] as const).map((kind) => {
        const members = distributions.filter(([name]) => kindOf(name) === kind);
        return members.length > 0 && (
          <section key={kind} className="section">
            <h2>{words.run.distributions[kind]}</h2>
            <div className="panels">
              {members.map(([name, all]) => (
                <DistributionFigure key={name} title={name} distributions={all} window={window} at={view.at} words={words.charts} crosshair={crosshair} loop={loop} theme={view.theme} />
              ))}
            </div>
          </section>
        );
      })}
      {remarks.length > 0 && (
        <section className="section">
          <h2>{words.run.remarks}</h2>
          <ol className="remarks card">
            {remarks.map(({ level, title, text, step }, i) => (
              <li key={i} data-level={level}>
                <span className="level">{words.run.remarkLevels[level]}</span>
                <span className="what"><b>{title}</b>{text !== undefined && <pre>{text}</pre>}</span>
                {step !== undefined && <span className="number">{words.run.atStep(step)}</span>}
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}
