// How large a canvas this machine's graphics can draw.

/** What every machine can. */
const SAFE = 4096;
/** Larger than any wall that one browser fills: 7680 × 4320 and a little. */
const LARGEST = 8192;

let found: number | undefined;

/** The longest side of a canvas in pixels; asked of WebGL once a page. */
export function largestSide(): number {
  return (found ??= ask());
}

function ask(): number {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl || gl.isContextLost()) return SAFE;
  const viewport = gl.getParameter(gl.MAX_VIEWPORT_DIMS) as Int32Array;
  const sizes = [gl.getParameter(gl.MAX_TEXTURE_SIZE), gl.getParameter(gl.MAX_RENDERBUFFER_SIZE), ...viewport] as number[];
  // A page has few contexts: this one is given back at once.
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return Math.max(SAFE, Math.min(LARGEST, ...sizes));
}
