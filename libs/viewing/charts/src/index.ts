// Curves
export { Curve, flagOf, hasNaN, hasNegativeInfinity, hasPositiveInfinity } from './curve.ts';
export { BucketCurve } from './bucket-curve.ts';
export { Columns } from './columns.ts';
export { Smoothed } from './smoothing.ts';
export { gutterGlyph, Summariser, summarise } from './summary.ts';
export type { CurveSummary } from './summary.ts';
// Arranging
export { isBeside, panelsOf, parseMetric } from './panels.model.ts';
export type { MetricName, Panel, Section } from './panels.model.ts';
export { extremes, padded, zoomed } from './range.ts';
export type { Range } from './range.ts';
export { tableOf } from './table.model.ts';
export type { ChartTable } from './table.model.ts';
// Distributions
export { barsOf, cellsOf, distributionAt, DistributionSeries, quantileOf, spreadOf } from './distribution.model.ts';
export type { Box, Cell, Distribution } from './distribution.model.ts';
// Parallel coordinates
export { scaleOf } from './coordinates.model.ts';
export type { Coordinate, CoordinateScale } from './coordinates.model.ts';
// Files
export { rowsToCsv, ticksOf, toCsv, toJson, toSvg } from './export.ts';
export type { ExportedLine, Picture, PicturedLine } from './export.ts';
// Looks
export { darkPalette, lightPalette, lineStyle, paletteOf, splitStyle } from './palette.ts';
export type { Palette } from './palette.ts';
export { formatSeconds, formatTick, formatValue } from './format.ts';
// Drawing
export { FrameLoop } from './frame-loop.ts';
export type { Drawable } from './frame-loop.ts';
export { Crosshair } from './crosshair.ts';
export { CurveChart } from './curve-chart.ts';
export type { Annotation, ChartView, CurveBand, CurveChartEvents, CurveLine, XAxis } from './curve-chart.ts';
// React
export { CurveFigure, formatX } from './curve-figure.tsx';
export type { ChartWords, CurveFigureProps } from './curve-figure.tsx';
export { DistributionFigure } from './distribution-figure.tsx';
export type { DistributionFigureProps, DistributionWords } from './distribution-figure.tsx';
export { SaveMenu } from './save-menu.tsx';
export type { Files } from './save-menu.tsx';
export { CoordinatesFigure } from './coordinates-figure.tsx';
export type { CoordinatesFigureProps, CoordinatesWords } from './coordinates-figure.tsx';
