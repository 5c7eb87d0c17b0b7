/** Numbers as people read them beside a chart: short, at most five digits that count, exact where that is short. */
export function formatValue(value: number): string {
  if (value !== value) return 'NaN';
  if (value === Infinity) return '∞';
  if (value === -Infinity) return '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-4 ? shortExponent(value) : size >= 1e4 ? value.toFixed(0) : trimmed(value.toPrecision(size < 1 ? 4 : 5));
  return text.replace('-', '−');
}

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

const shortExponent = (value: number): string => {
  const [digits, exponent] = value.toExponential(2).split('e');
  return `${trimmed(digits)}e${exponent.replace('+', '')}`;
};

/** A tick of an axis; `span` between neighbours decides the digits, so that neighbours never read the same. */
export function formatTick(value: number, span: number): string {
  if (value === 0) return '0';
  const size = Math.max(Math.abs(value), span);
  if (size >= 1e6 || size < 1e-4) return shortExponent(value).replace('-', '−');
  let decimals = 0;
  for (let scaled = span; decimals < 8 && Math.abs(scaled - Math.round(scaled)) > 1e-6 * scaled; scaled = span * 10 ** decimals) decimals++;
  const text = size >= 1e4 && decimals === 0 ? withThousands(value) : value.toFixed(decimals);
  return Number(text) === 0 ? '0' : text.replace('-', '−');
}

/** A tick of a logarithmic axis, three digits at most: where the axis is shorter than a decade, ticks begin at its end, wherever that is. */
export function formatLogTick(value: number): string {
  const shown = Number(value.toPrecision(3));
  return formatTick(shown, shown);
}

const withThousands = (value: number): string => (value % 1_000 === 0 ? `${value / 1_000}k` : value.toFixed(0));

/** Seconds as `48 s`, `3 min 20 s`, `2 h 05 min`; below ten seconds with a tenth. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3_600)} h ${String(Math.floor((whole % 3_600) / 60)).padStart(2, '0')} min`;
}
