import { paletteOf } from '@gradstream/charts';
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../words/words.tsx';
import type { Gallery, Guesses } from './messages.ts';
import { rgbOf } from './surface.model.ts';

/** Validation images with what the model takes them for; the wrong ones stand out. */
export function GalleryFigure({ gallery, guesses, theme }: { readonly gallery: Gallery; readonly guesses?: Guesses; readonly theme: string }) {
  const words = useWords();
  const { labels } = gallery;
  const [inspected, setInspected] = useState<number>();
  const right = guesses ? labels.reduce((n, label, i) => n + (guesses.labels[i] === label ? 1 : 0), 0) : 0;
  return (
    <figure className="card picture">
      <figcaption className="gs-caption">
        <span className="gs-title">{words.train.gallery}</span>
        {guesses && <span className="gs-place">{words.train.gallerySummary(right, labels.length, guesses.step)}</span>}
      </figcaption>
      <ul className="gallery">
        {Array.from(labels, (truth, i) => {
          const guess = guesses?.labels[i];
          const percent = Math.round(100 * (guesses?.confidence[i] ?? 0));
          const said = guess === undefined ? words.train.truth(truth) : words.train.guess(truth, guess, percent);
          return (
            <li key={i} className={guess === undefined || guess === truth ? undefined : 'wrong'} title={said}>
              <button type="button" aria-expanded={inspected === i} aria-label={said} onClick={() => setInspected(inspected === i ? undefined : i)}>
                <Pixels gallery={gallery} index={i} theme={theme} />
                <span aria-hidden="true">{guess ?? '·'}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {inspected !== undefined && guesses ? <Shares guesses={guesses} index={inspected} truth={labels[inspected]} /> : <p className="note">{words.train.inspectHint}</p>}
    </figure>
  );
}

/** The probability of each class for one image. */
function Shares({ guesses: { probabilities, labels }, index, truth }: { readonly guesses: Guesses; readonly index: number; readonly truth: number }) {
  const words = useWords();
  const classes = probabilities.length / labels.length;
  return (
    <ul className="shares" aria-label={words.train.inspect}>
      {Array.from(probabilities.subarray(index * classes, (index + 1) * classes), (p, label) => (
        <li key={label} className={label === truth ? 'truth' : undefined}>
          <span>{label}</span>
          <meter min={0} max={1} value={p} aria-label={words.train.classShare(label, Math.round(100 * p))} />
          <span className="number">{Math.round(100 * p)} %</span>
        </li>
      ))}
    </ul>
  );
}

function Pixels({ gallery: { pixels, height, width }, index, theme }: { readonly gallery: Gallery; readonly index: number; readonly theme: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { text, grid } = paletteOf(canvas.current!);
    const [ink, ground] = [rgbOf(text), rgbOf(grid)];
    const image = new ImageData(width, height);
    for (let p = 0; p < width * height; p++) {
      const value = pixels[index * width * height + p];
      for (let k = 0; k < 3; k++) image.data[p * 4 + k] = ground[k] + (ink[k] - ground[k]) * value;
      image.data[p * 4 + 3] = 255;
    }
    canvas.current!.getContext('2d')!.putImageData(image, 0, 0);
  }, [pixels, height, width, index, theme]);
  return <canvas ref={canvas} width={width} height={height} aria-hidden="true" />;
}
