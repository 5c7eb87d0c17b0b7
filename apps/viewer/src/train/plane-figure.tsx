import { type Palette, paletteOf } from '@gradstream/charts';
import { useEffect, useRef } from 'react';
import { useWords } from '../words/words.tsx';
import type { Plane, Surface } from './messages.ts';
import { pixelsOf, sharesOf } from './surface.model.ts';

/** Points in the plane over what the model answers there. */
export function PlaneFigure({ plane, surface, theme }: { readonly plane: Plane; readonly surface?: Surface; readonly theme: string }) {
  const words = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    const draw = () => paintPlane(element, plane, surface, paletteOf(element));
    draw();
    const size = new ResizeObserver(draw);
    size.observe(element);
    return () => size.disconnect();
  }, [plane, surface, theme]);
  const said = surface
    ? words.train.surfaceSummary(surface.step, sharesOf(surface).map((percent, label) => words.train.surfaceShare(label, percent)).join(', '))
    : words.train.surfaceEmpty;
  return (
    <figure className="card picture">
      <figcaption className="gs-caption"><span className="gs-title">{words.train.surface}</span></figcaption>
      <canvas ref={canvas} role="img" aria-label={said} />
      <p className="note">{said}</p>
    </figure>
  );
}

/** Draws points in the plane over a surface, as large as the canvas stands on the page. */
export function paintPlane(canvas: HTMLCanvasElement, { points, labels, bounds: [x0, x1, y0, y1] }: Plane, surface: Surface | undefined, palette: Palette): void {
  const ratio = devicePixelRatio;
  const size = Math.round(canvas.clientWidth * ratio);
  if (canvas.width !== size) canvas.width = canvas.height = size;
  const context = canvas.getContext('2d')!;
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, size, size);
  if (surface) {
    const small = new OffscreenCanvas(surface.side, surface.side);
    small.getContext('2d')!.putImageData(new ImageData(pixelsOf(surface, palette.lines, palette.surface), surface.side), 0, 0);
    context.imageSmoothingQuality = 'high';
    context.drawImage(small, 0, 0, size, size);
  }
  const r = 2.6 * ratio;
  context.lineWidth = ratio;
  context.strokeStyle = palette.surface;
  for (let i = 0; i < labels.length; i++) {
    const x = ((points[2 * i] - x0) / (x1 - x0)) * size;
    const y = ((y1 - points[2 * i + 1]) / (y1 - y0)) * size;
    context.fillStyle = palette.lines[labels[i] % palette.lines.length];
    context.beginPath();
    // Classes differ in shape as well: circles, squares, diamonds.
    if (labels[i] % 3 === 0) context.arc(x, y, r, 0, 2 * Math.PI);
    else if (labels[i] % 3 === 1) context.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
    else {
      context.moveTo(x, y - r * 1.3);
      context.lineTo(x + r * 1.3, y);
      context.lineTo(x, y + r * 1.3);
      context.lineTo(x - r * 1.3, y);
      context.closePath();
    }
    context.fill();
    context.stroke();
  }
}
