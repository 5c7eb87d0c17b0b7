import { FrameLoop } from './frame-loop.ts';

const stage = (costMs: number) => {
  let now = 0;
  let frame: (() => void) | undefined;
  const drawn: string[] = [];
  const loop = new FrameLoop(8, (tick) => (frame = tick), () => now);
  const chart = (name: string, visible = true) => ({ name, visible, draw: () => { drawn.push(name); now += costMs; } });
  const next = () => { const tick = frame; frame = undefined; drawn.length = 0; tick?.(); return [...drawn]; };
  return { loop, chart, next };
};

describe('FrameLoop', () => {
  it('draws once what was asked for many times', () => {
    const { loop, chart, next } = stage(1);
    const a = chart('a');
    for (let i = 0; i < 5; i++) loop.request(a);
    expect(next()).toEqual(['a']);
    expect(next()).toEqual([]);
  });

  it('leaves what exceeds the budget to the next frame, and lets none starve', () => {
    const { loop, chart, next } = stage(5);
    const charts = ['a', 'b', 'c', 'd', 'e'].map((name) => chart(name));
    charts.forEach((c) => loop.request(c));
    expect(next()).toEqual(['a', 'b']);
    loop.request(charts[0]);
    expect(next()).toEqual(['c', 'd']);
    expect(next()).toEqual(['e', 'a']);
    expect(next()).toEqual([]);
  });

  it('ends a frame with what says it is the last of it', () => {
    const { loop, chart, next } = stage(1);
    for (const c of [chart('a'), chart('b'), { ...chart('review'), last: true }, chart('c')]) loop.request(c);
    expect(next()).toEqual(['a', 'b', 'review']);
    expect(next()).toEqual(['c']);
  });

  it('keeps what is out of sight dirty without asking for frames', () => {
    const { loop, chart, next } = stage(1);
    const hidden = chart('hidden', false);
    loop.request(hidden);
    expect(next()).toEqual([]);
    expect(next()).toEqual([]);
    hidden.visible = true;
    loop.request(hidden);
    expect(next()).toEqual(['hidden']);
  });
});
