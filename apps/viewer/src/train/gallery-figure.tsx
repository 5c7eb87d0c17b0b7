import { paletteOf } from '@gradstream/charts';
import { useEffect, useRef } from 'react';
import { useWords } from '../words/words.tsx';
import type { Gallery, Guesses } from './messages.ts';
import { rgbOf } from './surface.model.ts';

/** Validation images with what the model takes them for; the wrong ones stand out. */
export function GalleryFigure({ gallery, guesses, theme }: { readonly gallery: Gallery; readonly guesses?: Guesses; readonly theme: string }) {
  const words = useWords();
  const { labels } = gallery;
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
              <Pixels gallery={gallery} index={i} theme={theme} label={said} />
              <span aria-hidden="true">{guess ?? '·'}</span>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}

function Pixels({ gallery: { pixels, height, width }, index, theme, label }: { readonly gallery: Gallery; readonly index: number; readonly theme: string; readonly label: string }) {
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
  return <canvas ref={canvas} width={width} height={height} role="img" aria-label={label} />;
}
