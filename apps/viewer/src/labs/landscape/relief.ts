import { meshOf } from './relief.model.ts';

const vertexSource = `#version 300 es
uniform mat4 camera;
in vec3 corner;
out vec3 place;
void main() {
  place = corner;
  gl_Position = camera * vec4(corner, 1.0);
}`;
const fragmentSource = `#version 300 es
precision highp float;
uniform vec3 ground;
uniform vec3 ink;
uniform float bands;
in vec3 place;
out vec4 color;
void main() {
  vec3 normal = normalize(cross(dFdx(place * vec3(1.0, 1.0, 0.9)), dFdy(place * vec3(1.0, 1.0, 0.9))));
  float light = 0.72 + 0.28 * abs(dot(normal, normalize(vec3(-0.4, 0.5, 0.8))));
  float band = place.z * bands;
  float line = 1.0 - smoothstep(0.0, 1.2 * fwidth(band), abs(fract(band + 0.5) - 0.5));
  float deep = (1.0 - floor(band) / bands);
  color = vec4(mix(ground, ink, 0.12 + 0.7 * deep) * light * (1.0 - 0.25 * line), 1.0);
}`;

interface Stage {
  readonly canvas: OffscreenCanvas;
  readonly gl: WebGL2RenderingContext;
  readonly program: WebGLProgram;
}

/** The one graphics context of all reliefs of the page: browsers have few. */
let stage: Stage | undefined;

function stageOf(): Stage | undefined {
  if (stage && !stage.gl.isContextLost()) return stage;
  const canvas = new OffscreenCanvas(1, 1);
  const gl = canvas.getContext('webgl2', { antialias: true, preserveDrawingBuffer: true });
  if (!gl) return undefined;
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, vertexSource], [gl.FRAGMENT_SHADER, fragmentSource]] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return undefined;
  stage = { canvas, gl, program };
  return stage;
}

export interface Relief {
  readonly heights: Float32Array;
  readonly side: number;
  readonly matrix: Float32Array;
  readonly bands: number;
  /** Colours of high and low, 0 … 1. */
  readonly ground: readonly [number, number, number];
  readonly ink: readonly [number, number, number];
}

/** Draws a relief of so many pixels; undefined where there is no WebGL2. The picture is overwritten by the next one. */
export function drawRelief({ heights, side, matrix, bands, ground, ink }: Relief, width: number, height: number): OffscreenCanvas | undefined {
  const made = stageOf();
  if (!made) return undefined;
  const { canvas, gl, program } = made;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  gl.viewport(0, 0, width, height);
  gl.clearColor(0, 0, 0, 0);
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  gl.enable(gl.DEPTH_TEST);
  gl.useProgram(program);
  const at = (name: string) => gl.getUniformLocation(program, name);
  gl.uniformMatrix4fv(at('camera'), false, matrix);
  gl.uniform3fv(at('ground'), ground);
  gl.uniform3fv(at('ink'), ink);
  gl.uniform1f(at('bands'), bands);
  const { corners, triangles } = meshOf(heights, side);
  const [points, order] = [gl.createBuffer(), gl.createBuffer()];
  gl.bindBuffer(gl.ARRAY_BUFFER, points);
  gl.bufferData(gl.ARRAY_BUFFER, corners, gl.STREAM_DRAW);
  const corner = gl.getAttribLocation(program, 'corner');
  gl.enableVertexAttribArray(corner);
  gl.vertexAttribPointer(corner, 3, gl.FLOAT, false, 0, 0);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, triangles, gl.STREAM_DRAW);
  gl.drawElements(gl.TRIANGLES, triangles.length, gl.UNSIGNED_SHORT, 0);
  gl.deleteBuffer(points);
  gl.deleteBuffer(order);
  return canvas;
}
