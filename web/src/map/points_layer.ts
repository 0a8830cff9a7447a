// What the page's own WebGL layers share: one draw call of points out of one column of
// floats, drawn over the basemap.

import type { CustomLayerInterface, CustomRenderMethodInput, Map } from "maplibre-gl";
import { Column, matrixFrom, program } from "./gl";

/** How a layer's points are drawn. */
export interface Look {
  vertex: string;
  fragment: string;
  /** The attributes of a point as they lie in the column: `[name, floats]`. */
  fields: readonly (readonly [string, number])[];
}

/** What a frame is drawn with: the numbers and vectors by which the shaders know them. */
export type Uniforms = Record<string, number | readonly (readonly number[])[]>;

/** What lives on the graphics card. */
interface Card {
  gl: WebGL2RenderingContext;
  used: WebGLProgram;
  column: Column;
  array: WebGLVertexArrayObject;
}

/** A layer of points; {@link soon} has it drawn. */
export abstract class PointsLayer implements CustomLayerInterface {
  abstract readonly id: string;
  readonly type = "custom" as const;
  protected map: Map | undefined;
  /** The points, {@link floats} a point. */
  protected data = new Float32Array(0);
  protected readonly floats: number;
  private card: Card | undefined;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly look: Look,
    /** The point in the unit square from which all are told: single precision needs it near. */
    protected readonly origin: readonly [number, number],
  ) {
    this.floats = look.fields.reduce((sum, [, floats]) => sum + floats, 0);
  }

  /** Nothing of what was written is on the card. */
  protected abstract forget(): void;

  /** Writes what changed into {@link data}: the floats from `first` to `end` are new. */
  protected abstract write(): { first: number; end: number } | undefined;

  /** How many points there are. */
  protected abstract get count(): number;

  /** What the shaders are told of this frame beside `matrix`, which all need. */
  protected abstract uniforms(map: Map): Uniforms;

  onAdd(map: Map, gl: WebGL2RenderingContext): void {
    const { vertex, fragment } = this.look;
    this.map = map;
    // A context that is gone makes nothing; the whole map is about to be made anew.
    if (gl.isContextLost()) return;
    this.card = { gl, used: program(gl, vertex, fragment), column: new Column(gl), array: gl.createVertexArray() };
    this.forget();
  }

  onRemove(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    if (this.card) {
      const { gl, used, column, array } = this.card;
      column.free();
      gl.deleteVertexArray(array);
      gl.deleteProgram(used);
    }
    this.card = undefined;
    this.map = undefined;
  }

  render(_gl: unknown, input: CustomRenderMethodInput): void {
    const { card, map } = this;
    if (!card || !map) return;
    const { gl, used, column, array } = card;
    gl.useProgram(used);
    gl.bindVertexArray(array);
    const news = this.write();
    if (news) {
      column.write(this.data, news.first, news.end);
      column.lay(used, this.look.fields);
    }
    if (this.count > 0) {
      const at = (name: string) => gl.getUniformLocation(used, name);
      gl.uniformMatrix4fv(at("matrix"), false, matrixFrom(input, this.origin));
      for (const [name, value] of Object.entries(this.uniforms(map))) {
        if (typeof value === "number") gl.uniform1f(at(name), value);
        else gl.uniform3fv(at(name), value.flat());
      }
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      gl.disable(gl.DEPTH_TEST);
      gl.drawArrays(gl.POINTS, 0, this.count);
    }
    gl.bindVertexArray(null);
  }

  /** How many pixels of the screen are drawn for one of the map: large canvases may have fewer. */
  protected ratio(map: Map): number {
    const { width, clientWidth } = map.getCanvas();
    return clientWidth > 0 ? width / clientWidth : map.getPixelRatio();
  }

  /** Draws within `ms`; what was asked for before is not put off. */
  protected soon(ms: number): void {
    if (this.waiting !== undefined) return;
    this.waiting = setTimeout(() => {
      this.waiting = undefined;
      this.map?.triggerRepaint();
    }, ms);
  }

  /** Room for so many points; what was written stays. */
  protected room(points: number): void {
    if (this.data.length >= points * this.floats) return;
    const wider = new Float32Array(points * this.floats);
    wider.set(this.data);
    this.data = wider;
  }
}
