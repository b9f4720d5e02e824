/*
 * What age-encryption asks of a browser and browsers of 2021 do not all have: streams that can be piped (Firefox since
 * June 2022) and Object.hasOwn (Safari since March 2022). These stand in for them inside the bundle, in every browser,
 * so that there is one way and it is the one that is tested.
 */

const PIECE_BYTES = 1 << 20;

export function hasOwn(object, name) {
  return Object.prototype.hasOwnProperty.call(object, name);
}

export class TransformStream {
  constructor(transformer) {
    this.transformer = transformer;
  }
}

/** Pieces in memory, and what they are to go through. */
export class ReadableStream {
  constructor(source) {
    const pieces = [];
    source.start({ enqueue: (piece) => pieces.push(piece), close: () => {} });
    this.pieces = pieces;
    this.transformers = [];
  }

  pipeThrough(through) {
    this.transformers.push(through.transformer);
    return this;
  }
}

export class Response {
  constructor(stream) {
    this.stream = stream;
  }

  async arrayBuffer() {
    let pieces = this.stream.pieces;
    for (const transformer of this.stream.transformers) pieces = await transformed(pieces, transformer);
    return joined(pieces).buffer;
  }
}

async function transformed(pieces, transformer) {
  const out = [];
  const controller = { enqueue: (piece) => out.push(piece) };
  if (transformer.start) transformer.start(controller);
  if (transformer.transform) await fed(pieces, transformer, controller);
  else out.push(...pieces);
  if (transformer.flush) transformer.flush(controller);
  return out;
}

/** Feeds a megabyte at a time and lets the page breathe between: a film takes seconds on an old phone. */
async function fed(pieces, transformer, controller) {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += PIECE_BYTES) {
      if (at) await new Promise((resolve) => setTimeout(resolve));
      transformer.transform(piece.subarray(at, at + PIECE_BYTES), controller);
    }
  }
}

function joined(pieces) {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
