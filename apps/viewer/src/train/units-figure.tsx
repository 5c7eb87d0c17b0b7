import { paletteOf } from '@gradstream/charts';
import { useEffect, useRef } from 'react';
import { useWords } from '../words/words.tsx';
import { rgbOf } from './surface.model.ts';
import type { UnitLayer } from './messages.ts';

/** Units of a layer that are shown, at most. */
const most = 16;

/** A heat map for each hidden unit: one colour where its answer is positive, another where it is negative. */
export function UnitsFigure({ layers, step, theme }: { readonly layers: readonly UnitLayer[]; readonly step: number; readonly theme: string }) {
  const words = useWords();
  return (
    <figure className="card picture units">
      <figcaption className="gs-caption"><span className="gs-title">{words.train.units}</span></figcaption>
      {layers.map((layer, l) => (
        <ul key={l}>
          {Array.from({ length: Math.min(most, layer.units) }, (_, u) => <li key={u}><Unit layer={layer} unit={u} theme={theme} label={words.train.unit(l + 1, u + 1)} /></li>)}
          {layer.units > most && <li className="more">+{layer.units - most}</li>}
        </ul>
      ))}
      <p className="note">{words.train.unitsSummary(layers.length, layers.reduce((n, { units }) => n + units, 0), step)}</p>
    </figure>
  );
}

function Unit({ layer: { side, values }, unit, theme, label }: { readonly layer: UnitLayer; readonly unit: number; readonly theme: string; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { lines, surface } = paletteOf(canvas.current!);
    const [positive, negative, ground] = [rgbOf(lines[1]), rgbOf(lines[0]), rgbOf(surface)];
    const own = values.subarray(unit * side * side, (unit + 1) * side * side);
    const greatest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
    const image = new ImageData(side, side);
    own.forEach((value, i) => {
      const color = value >= 0 ? positive : negative;
      const strength = Math.abs(value) / greatest;
      for (let k = 0; k < 3; k++) image.data[i * 4 + k] = ground[k] + (color[k] - ground[k]) * strength;
      image.data[i * 4 + 3] = 255;
    });
    canvas.current!.getContext('2d')!.putImageData(image, 0, 0);
  }, [values, side, unit, theme]);
  return <canvas ref={canvas} width={side} height={side} role="img" aria-label={label} title={label} />;
}
