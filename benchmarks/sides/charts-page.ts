/** A page that draws a million points with our chart, and with ECharts, and that pans and zooms ours. */
import { CurveChart, Curve, FrameLoop } from '@gradstream/charts';
import * as echarts from 'echarts';

type Pairs = readonly (readonly [number, number])[];
const scope = window as unknown as Record<string, unknown>;

/** A noisy falling loss with a spike, as pairs: what both are fed. */
const pairs = (n: number): Pairs => {
  let seed = 1;
  return Array.from({ length: n }, (_, i) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return [i, i === 812_003 ? 7.9 : 2 / (1 + i / 1e4) + 0.1 * (seed / 2_147_483_648)] as const;
  });
};

const host = (): HTMLElement => {
  const element = document.createElement('div');
  element.style.cssText = 'width:800px;height:300px';
  document.body.replaceChildren(element);
  return element;
};

const painted = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));

const view = { axis: 'step', log: false, smoothing: 0 } as const;

const draw: Readonly<Record<string, (points: Pairs) => unknown>> = {
  ours: (points) => {
    // As points reach the page from its worker: side by side.
    const [x, y] = [new Float64Array(points.length), new Float64Array(points.length)];
    for (let i = 0; i < points.length; i++) {
      x[i] = points[i][0];
      y[i] = points[i][1];
    }
    const curve = new Curve();
    curve.extend(x, y);
    const chart = new CurveChart(host(), new FrameLoop(), { onWindow: () => undefined, onCursor: () => undefined });
    chart.setLines([{ id: 'a', label: 'loss', curve, color: 0 }]);
    chart.setView(view);
    chart.draw();
    return chart;
  },
  echarts: (points) => {
    const chart = echarts.init(host(), undefined, { renderer: 'canvas' });
    chart.setOption({ animation: false, xAxis: { type: 'value' }, yAxis: { type: 'value' }, series: [{ type: 'line', showSymbol: false, data: points as [number, number][] }] });
    return chart;
  },
  'echarts minmax': (points) => {
    const chart = echarts.init(host(), undefined, { renderer: 'canvas' });
    chart.setOption({ animation: false, xAxis: { type: 'value' }, yAxis: { type: 'value' }, series: [{ type: 'line', showSymbol: false, sampling: 'minmax', data: points as [number, number][] }] });
    return chart;
  },
};

let points: Pairs = [];
scope.prepare = (n: number) => { points = pairs(n); };
scope.firstDraw = async (side: string): Promise<number> => {
  await painted();
  const start = performance.now();
  // Kept alive, so that its memory can be read.
  scope.kept = draw[side](points);
  await painted();
  return performance.now() - start;
};
/** Script of each of so many frames of panning and zooming, in ms. */
scope.pan = async (frames: number): Promise<readonly number[]> => {
  const chart = draw.ours(points) as CurveChart;
  const n = points.length;
  const times: number[] = [];
  for (let i = 0; i < frames; i++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const width = n * (0.02 + 0.48 * (1 + Math.sin(i / 17)));
    const from = (n - width) * (0.5 + 0.5 * Math.sin(i / 29));
    const start = performance.now();
    chart.setView({ ...view, x: [from, from + width] });
    chart.draw();
    // uPlot draws in a microtask.
    await Promise.resolve();
    times.push(performance.now() - start);
  }
  return times;
};
scope.ready = true;
