import { paletteOf } from '@gradstream/charts';
import { useEffect, useRef } from 'react';
import type { Plane } from '../../train/messages.ts';
import { paintPlane } from '../../train/plane-figure.tsx';
import { sharesOf } from '../../train/surface.model.ts';
import { useWords } from '../../words/words.tsx';
import { LabFigure } from '../lab-figure.tsx';
import { type ArmPicture, pictureSide, type Standing } from './side-by-side.model.ts';

interface SurfacesFigureProps {
  readonly plane: Plane;
  readonly pictures: readonly ArmPicture[];
  readonly standings: readonly Standing[];
  readonly epoch: number;
  readonly said: string;
  readonly busy: boolean;
  readonly theme: string;
}

/** What each arm answers in the plane, over the training points. */
export function SurfacesFigure({ plane, pictures, standings, epoch, said, busy, theme }: SurfacesFigureProps) {
  const words = useWords().regularization;
  const shares = pictures.map(({ probabilities }) => sharesOf({ step: 0, side: pictureSide, classes: plane.classes, probabilities }));
  return (
    <LabFigure
      title={words.surfaces} said={said} busy={busy} className="surfaces"
      table={{ head: [words.arm, words.epoch, words.trainError, words.validationError, words.classZero], rows: pictures.map(({ name }, i) => [words.arms[name], standings[i].epoch, percent(standings[i].train.error), percent(standings[i].validation.error), shares[i][0]]) }}
    >
      <ul className="arm-grid">
        {pictures.map((picture, i) => (
          <li key={picture.name}>
            <Surface plane={plane} picture={picture} theme={theme} label={words.surfaceSaid(words.arms[picture.name], epoch, shares[i][0], percent(standings[i].validation.error))} />
            <span className="arm-name">{words.arms[picture.name]}</span><span className="arm-number">{percent(standings[i].validation.error)} %</span>
          </li>
        ))}
      </ul>
    </LabFigure>
  );
}

export const percent = (share: number): number => Number((100 * share).toFixed(1));

function Surface({ plane, picture: { probabilities }, theme, label }: { readonly plane: Plane; readonly picture: ArmPicture; readonly theme: string; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    const draw = () => paintPlane(element, plane, { step: 0, side: pictureSide, classes: plane.classes, probabilities }, paletteOf(element));
    draw();
    const size = new ResizeObserver(draw);
    size.observe(element);
    return () => size.disconnect();
  }, [plane, probabilities, theme]);
  return <canvas ref={canvas} role="img" aria-label={label} />;
}
