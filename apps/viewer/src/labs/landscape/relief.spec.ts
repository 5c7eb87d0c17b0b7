import fc from 'fast-check';
import { cameraMatrix, meshOf, projected } from './relief.model.ts';

describe('a relief', () => {
  it('keeps every corner in the picture, from every side', () => {
    fc.assert(fc.property(fc.integer({ min: -180, max: 180 }), fc.integer({ min: 0, max: 90 }), (turn, tilt) => {
      const matrix = cameraMatrix({ turn, tilt, aspect: 1.5 });
      for (const x of [-1, 1]) for (const y of [-1, 1]) for (const z of [0, 1]) for (const at of projected(matrix, [x, y, z])) expect(at > -0.05 && at < 1.05).toBe(true);
    }));
  });

  it('has north up, east right and height upwards', () => {
    const matrix = cameraMatrix({ turn: 0, tilt: 40, aspect: 1 });
    const [middle, north, east, up] = ([[0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]] as const).map((at) => projected(matrix, at));
    expect([north[1] < middle[1], east[0] > middle[0], up[1] < middle[1]]).toEqual([true, true, true]);
    // turned, east is where north was.
    const [, turned] = projected(cameraMatrix({ turn: -90, tilt: 40, aspect: 1 }), [1, 0, 0]);
    expect(turned).toBeCloseTo(north[1], 6);
  });

  it('is a sheet of triangles', () => {
    const { corners, triangles } = meshOf([0, 1, 2, 3, 4, 5, 6, 7, 8], 3);
    expect([...corners.subarray(0, 6)]).toEqual([-1, 1, 0, 0, 1, 1]);
    expect([triangles.length, Math.max(...triangles)]).toEqual([24, 8]);
  });
});
