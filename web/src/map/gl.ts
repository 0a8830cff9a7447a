// The little that the page's own WebGL layers share.

import type { CustomRenderMethodInput } from "maplibre-gl";

/** A program of two shaders; both are ours, so a failure is a defect and thrown. */
export function program(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const made = gl.createProgram();
  const shaders = ([[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const).map(([kind, text]) => {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, `#version 300 es\nprecision highp float;\n${text}`);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
    return shader;
  });
  gl.linkProgram(made);
  const linked = gl.getProgramParameter(made, gl.LINK_STATUS) as boolean;
  const logs = linked ? [] : [gl.getProgramInfoLog(made), ...shaders.map((one) => gl.getShaderInfoLog(one))];
  // The program keeps what it needs of them.
  for (const shader of shaders) {
    gl.detachShader(made, shader);
    gl.deleteShader(shader);
  }
  if (!linked) {
    gl.deleteProgram(made);
    throw new Error(logs.join("\n"));
  }
  return made;
}

/**
 * The map's matrix for points given relative to an origin in the unit square.
 * Multiplied in doubles: single precision would move a car by metres.
 */
export function matrixFrom(input: CustomRenderMethodInput, [x, y]: readonly [number, number]): Float32Array {
  const m = input.defaultProjectionData.mainMatrix as ArrayLike<number>;
  const moved = Float32Array.from(m);
  for (let row = 0; row < 4; row++) moved[12 + row] = m[row]! * x + m[4 + row]! * y + m[12 + row]!;
  return moved;
}

/** Floats that live on the graphics card. */
export class Column {
  private readonly buffer: WebGLBuffer;
  private bytes = 0;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.buffer = gl.createBuffer();
  }

  /** Replaces the floats from `first` on; the buffer grows when it must, and never shrinks. */
  write(data: Float32Array, first = 0, end = data.length): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    if (this.bytes < data.byteLength) {
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
      this.bytes = data.byteLength;
    } else if (end > first) {
      gl.bufferSubData(gl.ARRAY_BUFFER, first * 4, data, first, end - first);
    }
  }

  /** Says how the attributes lie in it: `[name, floats]` in order. */
  lay(used: WebGLProgram, fields: readonly (readonly [string, number])[]): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    const stride = fields.reduce((sum, [, floats]) => sum + floats, 0) * 4;
    let at = 0;
    for (const [name, floats] of fields) {
      const place = gl.getAttribLocation(used, name);
      if (place >= 0) {
        gl.enableVertexAttribArray(place);
        gl.vertexAttribPointer(place, floats, gl.FLOAT, false, stride, at);
      }
      at += floats * 4;
    }
  }

  free(): void {
    this.gl.deleteBuffer(this.buffer);
  }
}
