import { paletteOf } from '@gradstream/charts';
import { useEffect, useRef } from 'react';
import { rgbOf } from '../../train/surface.model.ts';
import { useWords } from '../../words/words.tsx';
import { useAsked } from '../asked.ts';
import { LabFigure } from '../lab-figure.tsx';
import { numberIn, wordIn } from '../options.ts';
import { type MixingName, mixings, sharesOf } from './mixing.model.ts';
import type { MixingAnswer, MixingQuestion } from './mixing.worker.ts';

const worker = new Worker(new URL('./mixing.worker.ts', import.meta.url), { type: 'module' });

interface MixingFigureProps {
  readonly options: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly theme: string;
  readonly onChange: (part: Readonly<Record<string, string | undefined>>) => void;
}

/** A batch of digits before and after mixup, CutMix or a shift, with its soft labels. */
export function MixingFigure({ options, seed, theme, onChange }: MixingFigureProps) {
  const own = useWords().regularization;
  const name: MixingName = wordIn(options.mixing, mixings);
  const alpha = numberIn(options.alpha, 0.1, 4) ?? 1;
  const draw = Math.round(numberIn(options.draw, 0, 1e6) ?? 0);
  const { answer: { batch }, done } = useAsked<MixingQuestion, MixingAnswer>(worker, { name, alpha, seed, draw });
  const count = batch ? batch.labels.length / batch.classes : 0;
  const labelOf = (i: number) => sharesOf(batch!, i).map(({ label, share }) => `${label}: ${Number((100 * share).toFixed(1))} %`).join(' + ');
  const said = own.mixingSaid[name];
  return (
    <LabFigure
      title={own.mixing} said={said} busy={!done} className="mixing"
      table={{ head: [own.image, own.softLabel], rows: Array.from({ length: count }, (_, i) => [i + 1, labelOf(i)]) }}
      actions={<button type="button" className="gs-quiet" onClick={() => onChange({ draw: String(draw + 1) })}>{own.drawAgain}</button>}
    >
      <div className="mixing-tools">
        <span className="segments">{mixings.map((each) => <button key={each} type="button" aria-pressed={each === name} onClick={() => onChange({ mixing: each })}>{own.mixings[each]}</button>)}</span>
        {name !== 'shift' && <label className="field">{own.units.mixup}<input type="range" aria-label={own.mixingAlpha} min={0.1} max={4} step={0.1} value={alpha} onChange={(event) => onChange({ alpha: event.target.value })} /><output>{alpha}</output></label>}
      </div>
      {batch && (
        <ul className="mixed">
          {Array.from({ length: count }, (_, i) => (
            <li key={i}>
              <Image pixels={batch.before} index={i} height={batch.height} width={batch.width} theme={theme} label={own.imageBefore(i + 1)} />
              <Image pixels={batch.after} index={i} height={batch.height} width={batch.width} theme={theme} label={own.imageAfter(i + 1, labelOf(i))} />
              <span className="soft">{sharesOf(batch, i).map(({ label, share }) => <span key={label}>{label}: {Number((100 * share).toFixed(1))} %</span>)}</span>
            </li>
          ))}
        </ul>
      )}
    </LabFigure>
  );
}

function Image({ pixels, index, height, width, theme, label }: { readonly pixels: Float32Array; readonly index: number; readonly height: number; readonly width: number; readonly theme: string; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { text, grid } = paletteOf(canvas.current!);
    const [ink, ground] = [rgbOf(text), rgbOf(grid)];
    const image = new ImageData(width, height);
    for (let p = 0; p < width * height; p++) {
      for (let k = 0; k < 3; k++) image.data[p * 4 + k] = ground[k] + (ink[k] - ground[k]) * pixels[index * width * height + p];
      image.data[p * 4 + 3] = 255;
    }
    canvas.current!.getContext('2d')!.putImageData(image, 0, 0);
  }, [pixels, index, height, width, theme]);
  return <canvas ref={canvas} width={width} height={height} role="img" aria-label={label} />;
}
