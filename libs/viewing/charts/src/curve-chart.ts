import uPlot from 'uplot';
import { Columns } from './columns.ts';
import { hasNaN, type Curve } from './curve.ts';
import type { Picture } from './export.ts';
import { formatLogTick, formatSeconds, formatTick } from './format.ts';
import type { Drawable, FrameLoop } from './frame-loop.ts';
import { gutterHeight, paintBand, paintGutter, paintLine, type Frame, type LineLook } from './paint.ts';
import { paletteOf, type Palette } from './palette.ts';
import { extremes, padded, type Range, zoomed } from './range.ts';
import { Smoothed } from './smoothing.ts';

/** A line of a chart. */
export interface CurveLine {
  readonly id: string;
  readonly label: string;
  readonly curve: Curve;
  /** Place in the palette. */
  readonly color: number;
  readonly dash?: readonly number[];
  readonly mark?: LineLook['mark'];
  /** Finer and fainter than its neighbours: another view of the same measure. */
  readonly beside?: boolean;
}

/** An area under the lines, between two curves: how far the members of a group lie apart, or train from validation. */
export interface CurveBand {
  readonly id: string;
  readonly low: Curve;
  readonly high: Curve;
  /** Place in the palette. */
  readonly color: number;
}

/** A vertical mark with a word, such as a hyper-parameter touched while the run went on. */
export interface Annotation {
  readonly x: number;
  readonly label: string;
}

/** What stands on the x axis: steps, seconds since the start, or a time of day (ms since 1970). */
export type XAxis = 'step' | 'relative' | 'wall';

export interface ChartView {
  /** The window the user chose; undefined shows everything and grows with it. */
  readonly x?: Range;
  /** Only the last so many units of x: follows the end. */
  readonly last?: number;
  readonly axis: XAxis;
  readonly log: boolean;
  /** Weight of the past in [0, 1). The raw curve stays visible beneath. */
  readonly smoothing: number;
  /** The playhead: what lies behind it is veiled, and values are those that stood there. */
  readonly at?: number;
}

export interface CurveChartEvents {
  /** The user chose a window; undefined means everything. */
  onWindow(x: Range | undefined): void;
  /** The pointer or the keyboard stands at `x`; undefined when it left. */
  onCursor(x: number | undefined): void;
  /** The chart was drawn: the window of x on the screen, and how many CSS pixels wide it is. What is not on the screen is not drawn. */
  onDrawn?(x: Range, pixels: number): void;
}

/** Lines beyond which each is drawn a pixel wide: hairlines are several times cheaper. */
const mostWide = 20;

/** Room of the y axis, CSS pixels. */
const axisWidth = 50;

interface Drawn {
  readonly line: CurveLine;
  readonly raw: Columns;
  readonly smooth: Columns;
  smoothed?: Smoothed;
}

/** The edges of a band, smoothed as the lines are. */
interface DrawnBand {
  readonly band: CurveBand;
  readonly low: Columns;
  readonly high: Columns;
  smoothed?: { readonly low: Smoothed; readonly high: Smoothed };
}

/** Draws lines on a canvas and answers the pointer. Points are read from the curves at each drawing; nothing is copied. */
export class CurveChart implements Drawable {
  readonly #host: HTMLElement;
  readonly #loop: FrameLoop;
  readonly #events: CurveChartEvents;
  readonly #watchers: { disconnect(): void }[] = [];
  #plot: uPlot | undefined;
  #palette: Palette;
  #view: ChartView = { axis: 'step', log: false, smoothing: 0 };
  #drawn: Drawn[] = [];
  #bands: DrawnBand[] = [];
  #annotations: readonly Annotation[] = [];
  #x: Range = [0, 1];
  #y: Range = [0, 1];
  #dots: HTMLElement[] = [];
  #moving = false;
  visible = false;

  constructor(host: HTMLElement, loop: FrameLoop, events: CurveChartEvents) {
    this.#host = host;
    this.#loop = loop;
    this.#events = events;
    this.#palette = paletteOf(host);
    const sight = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      if (this.visible) this.invalidate();
    });
    const size = new ResizeObserver(() => {
      this.#plot?.setSize(this.#size());
      this.invalidate();
    });
    sight.observe(host);
    size.observe(host);
    this.#watchers.push(sight, size);
  }

  get palette(): Palette {
    return this.#palette;
  }

  setLines(lines: readonly CurveLine[]): void {
    const before = new Map(this.#drawn.map((drawn) => [drawn.line.id, drawn]));
    this.#drawn = lines.map((line) => {
      const known = before.get(line.id);
      return { line, raw: known?.raw ?? new Columns(), smooth: known?.smooth ?? new Columns(), smoothed: known?.line.curve === line.curve ? known.smoothed : undefined };
    });
    this.#dots.forEach((dot) => dot.remove());
    this.#dots = [];
    this.invalidate();
  }

  setBands(bands: readonly CurveBand[]): void {
    this.#bands = bands.map((band) => ({ band, low: new Columns(), high: new Columns() }));
    this.invalidate();
  }

  setView(view: ChartView): void {
    const rebuild = view.log !== this.#view.log || view.axis !== this.#view.axis;
    this.#view = view;
    if (rebuild) this.#rebuild();
    this.invalidate();
  }

  setAnnotations(annotations: readonly Annotation[]): void {
    this.#annotations = annotations;
    this.invalidate();
  }

  /** Reads the colours of the theme again. */
  restyle(): void {
    this.#palette = paletteOf(this.#host);
    this.#rebuild();
    this.invalidate();
  }

  /** Asks for a drawing in a coming frame. */
  invalidate(): void {
    this.#loop.request(this);
  }

  /** The window of x on the screen. */
  get window(): Range {
    return this.#x;
  }

  zoom(factor: number, at = (this.#x[0] + this.#x[1]) / 2): void {
    this.#events.onWindow(zoomed(this.#x, factor, at));
  }

  pan(fraction: number): void {
    const by = (this.#x[1] - this.#x[0]) * fraction;
    this.#events.onWindow([this.#x[0] + by, this.#x[1] + by]);
  }

  /** The curve as it is shown for a line: smoothed where the view smooths. */
  shown(drawn: { readonly line: CurveLine }): Curve {
    const own = this.#drawn.find(({ line }) => line.id === drawn.line.id);
    return own && this.#view.smoothing > 0 ? this.#smoothed(own) : drawn.line.curve;
  }

  /** Shows the crosshair at `x`, with a dot on each line. */
  showCursor(x: number | undefined): void {
    const plot = this.#plot;
    if (!plot) return;
    const inside = x !== undefined && x >= this.#x[0] && x <= this.#x[1];
    if (!this.#moving) {
      this.#moving = true;
      plot.setCursor(inside ? { left: plot.valToPos(x, 'x'), top: 0 } : { left: -10, top: -10 });
      this.#moving = false;
    }
    while (this.#dots.length < this.#drawn.length) {
      const dot = document.createElement('span');
      dot.className = 'gs-dot';
      plot.over.append(dot);
      this.#dots.push(dot);
    }
    this.#drawn.forEach((drawn, i) => {
      const curve = this.shown(drawn);
      const at = inside ? curve.nearest(x) : -1;
      const [px, py] = at < 0 ? [NaN, NaN] : [plot.valToPos(curve.x[at], 'x'), plot.valToPos(curve.y[at], 'y')];
      const dot = this.#dots[i];
      const shown = px >= 0 && px <= plot.over.clientWidth && py >= 0 && py <= plot.over.clientHeight;
      dot.hidden = !shown;
      if (shown) {
        dot.style.transform = `translate(${px}px, ${py}px)`;
        dot.style.background = this.#color(drawn.line);
      }
    });
  }

  draw(): void {
    const plot = (this.#plot ??= this.#build());
    this.#x = this.#range();
    const count = Math.max(50, Math.floor((plot.width - axisWidth) / 1.5));
    for (const drawn of this.#drawn) {
      drawn.line.curve.columns(...this.#x, count, drawn.raw);
      if (this.#view.smoothing > 0) this.#smoothed(drawn).columns(...this.#x, count, drawn.smooth);
    }
    for (const drawn of this.#bands) {
      const { low, high } = this.#edges(drawn);
      low.columns(...this.#x, count, drawn.low);
      high.columns(...this.#x, count, drawn.high);
    }
    this.#y = padded(extremes([...this.#drawn.map(({ raw }) => raw), ...this.#bands.flatMap(({ low, high }) => [low, high])], this.#view.log), this.#view.log);
    plot.batch(() => {
      plot.setScale('x', { min: this.#x[0], max: this.#x[1] });
      plot.setScale('y', { min: this.#y[0], max: this.#y[1] });
    });
    // What is on the canvas, for whoever cannot see it.
    Object.assign(this.#host.dataset, { points: String(this.#drawn.reduce((n, { line }) => n + line.curve.points, 0)), places: String(this.#drawn.reduce((n, { line }) => n + line.curve.length, 0)), x: this.#x.join('..'), y: this.#y.join('..'), marks: String(this.#annotations.length), bands: String(this.#bands.filter(({ low, high }) => low.length > 0 && high.length > 0).length) });
    this.#events.onDrawn?.(this.#x, plot.width - axisWidth);
  }

  /** What is on the screen, for a file. */
  picture(title: string): Picture {
    const { text, grid, surface, lines } = this.#palette;
    return {
      title, x: this.#x, y: this.#y, log: this.#view.log, colors: { text, grid, surface },
      lines: this.#drawn.map(({ line, raw, smooth }) => ({ label: line.label, columns: this.#view.smoothing > 0 ? smooth : raw, color: lines[line.color % lines.length], dash: line.dash ?? [] })),
    };
  }

  /** The canvas as a PNG on the colour of the page. */
  toPng(): Promise<Blob> {
    const { canvas } = this.#plot!.ctx;
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext('2d')!;
    context.fillStyle = this.#palette.surface;
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(canvas, 0, 0);
    return copy.convertToBlob({ type: 'image/png' });
  }

  /** What is on the screen, as numbers: for tests, and for whoever cannot see a canvas. */
  inspect(): { readonly x: Range; readonly y: Range; readonly lines: readonly { readonly id: string; readonly points: number; readonly columns: number; readonly nan: number }[] } {
    return {
      x: this.#x,
      y: this.#y,
      lines: this.#drawn.map(({ line, raw }) => ({ id: line.id, points: line.curve.length, columns: raw.length, nan: raw.flags.subarray(0, raw.length).reduce((n, flags) => n + (flags & hasNaN ? 1 : 0), 0) })),
    };
  }

  destroy(): void {
    this.#watchers.forEach((watcher) => watcher.disconnect());
    this.#loop.forget(this);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #rebuild(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#dots = [];
  }

  #color({ color }: CurveLine): string {
    return this.#palette.lines[color % this.#palette.lines.length];
  }

  #smoothed(drawn: Drawn): Curve {
    if (drawn.smoothed?.weight !== this.#view.smoothing) drawn.smoothed = new Smoothed(drawn.line.curve, this.#view.smoothing);
    return drawn.smoothed.curve;
  }

  #edges(drawn: DrawnBand): { readonly low: Curve; readonly high: Curve } {
    const { band } = drawn;
    const weight = this.#view.smoothing;
    if (weight === 0) return band;
    if (drawn.smoothed?.low.weight !== weight) drawn.smoothed = { low: new Smoothed(band.low, weight), high: new Smoothed(band.high, weight) };
    return { low: drawn.smoothed.low.curve, high: drawn.smoothed.high.curve };
  }

  #range(): Range {
    if (this.#view.x) return this.#view.x;
    let from = Infinity;
    let to = -Infinity;
    for (const { line: { curve } } of this.#drawn) {
      if (curve.length === 0) continue;
      from = Math.min(from, curve.x[0]);
      to = Math.max(to, curve.end);
    }
    if (to < from) return [0, 1];
    if (this.#view.last !== undefined) from = Math.max(from, to - this.#view.last);
    return to > from ? [from, to] : [from, from + 1];
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(120, this.#host.clientWidth), height: Math.max(80, this.#host.clientHeight) };
  }

  #build(): uPlot {
    const { text: _, faint, grid } = this.#palette;
    const font = '11px system-ui, sans-serif';
    const axis = { stroke: faint, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    const spanOf = (splits: readonly number[]) => (splits.length > 1 ? Math.abs(splits[1] - splits[0]) : 1);
    const { axis: kind, log } = this.#view;
    const ticks = (_plot: uPlot, splits: number[]) => splits.map((v) => (v === null ? '' : kind === 'relative' ? formatSeconds(v) : formatTick(v, spanOf(splits))));
    const powers = (_plot: uPlot, splits: number[]) => splits.map((v) => (v === null ? '' : formatLogTick(v)));
    return new uPlot(
      {
        ...this.#size(),
        ms: 1,
        padding: [gutterHeight, 10, 0, 0],
        legend: { show: false },
        scales: {
          x: { time: kind === 'wall', auto: false },
          y: { auto: false, distr: log ? 3 : 1, log: 10 },
        },
        series: [{}, { show: true, paths: () => null, points: { show: false } }],
        axes: [
          { ...axis, size: 26, gap: 6, space: 70, ...(kind === 'wall' ? {} : { values: ticks }) },
          { ...axis, size: axisWidth, gap: 6, space: 30, values: log ? powers : ticks },
        ],
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false },
          bind: { dblclick: () => () => { this.#events.onWindow(undefined); return null; } },
        },
        hooks: {
          draw: [(plot) => this.#paint(plot)],
          setSelect: [(plot) => {
            const { left, width } = plot.select;
            if (width < 4) return;
            this.#events.onWindow([plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]);
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          }],
          setCursor: [(plot) => {
            if (this.#moving) return;
            const { left } = plot.cursor;
            this.#moving = true;
            this.#events.onCursor(left === undefined || left === null || left < 0 ? undefined : plot.posToVal(left, 'x'));
            this.#moving = false;
          }],
          ready: [(plot) => {
            plot.over.addEventListener('wheel', (event) => {
              if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
              event.preventDefault();
              if (event.shiftKey) this.pan(Math.sign(event.deltaY || event.deltaX) * 0.1);
              else this.zoom(event.deltaY > 0 ? 1.25 : 0.8, plot.posToVal(event.offsetX, 'x'));
            }, { passive: false });
          }],
        },
      },
      [[0, 1], [null, null]],
      this.#host,
    );
  }

  #paint(plot: uPlot): void {
    const { ctx: context, bbox } = plot;
    const frame: Frame = { ...bbox, x: this.#x, y: this.#y, log: this.#view.log, ratio: devicePixelRatio };
    context.save();
    context.beginPath();
    context.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    context.clip();
    for (const { band, low, high } of this.#bands) paintBand(context, low, high, frame, this.#palette.lines[band.color % this.#palette.lines.length]);
    this.#paintAnnotations(context, frame);
    const smooth = this.#view.smoothing > 0;
    const crowded = this.#drawn.length > mostWide;
    for (const { line, raw, smooth: columns } of this.#drawn) {
      const isDense = !smooth && raw.length < raw.points.subarray(0, raw.length).reduce((n, points) => n + points, 0);
      const look: LineLook = { color: this.#color(line), dash: line.dash ?? [], width: line.beside || crowded ? 1 : line.mark === 'none' ? 1.4 : 2, alpha: line.beside ? 0.55 : isDense ? 0.75 : 1, mark: line.mark ?? 'none' };
      if (smooth) paintLine(context, raw, frame, { ...look, width: 1, alpha: 0.28, mark: 'none' });
      paintLine(context, smooth ? columns : raw, frame, look);
    }
    if (this.#view.at !== undefined) this.#paintPlayhead(context, frame, this.#view.at);
    context.restore();
    for (const { line, raw } of this.#drawn) paintGutter(context, raw, frame, this.#color(line));
  }

  #paintAnnotations(context: CanvasRenderingContext2D, frame: Frame): void {
    const { ratio, left, width, top, height, x: [from, to] } = frame;
    context.save();
    context.strokeStyle = context.fillStyle = this.#palette.faint;
    context.font = `${10 * ratio}px system-ui, sans-serif`;
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
    context.setLineDash([3 * ratio, 3 * ratio]);
    context.lineWidth = ratio;
    for (const { x, label } of this.#annotations) {
      if (x < from || x > to) continue;
      const at = Math.round(left + ((x - from) / (to - from)) * width) + 0.5;
      context.beginPath();
      context.moveTo(at, top);
      context.lineTo(at, top + height);
      context.stroke();
      context.fillText(label, at + 3 * ratio, top + 10 * ratio, left + width - at);
    }
    context.restore();
  }

  /** Veils what lies behind the playhead: it is there, and it has not happened yet. */
  #paintPlayhead(context: CanvasRenderingContext2D, { left, width, top, height, ratio, x: [from, to] }: Frame, at: number): void {
    const px = Math.max(left, Math.min(left + width, left + ((at - from) / (to - from)) * width));
    context.globalAlpha = 0.78;
    context.fillStyle = this.#palette.surface;
    context.fillRect(px, top, left + width - px, height);
    context.globalAlpha = 1;
    context.fillStyle = this.#palette.text;
    context.fillRect(Math.round(px - ratio / 2), top, Math.max(1, Math.round(ratio)), height);
  }
}
