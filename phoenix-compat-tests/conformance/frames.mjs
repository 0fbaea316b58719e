// RFC 6455 §5.2:
//   FIN(1) RSV(3) opcode(4) | MASK(1) length(7), or 126 length(16), or 127 length(64) | mask(32)? | payload
export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

// Constant, so that the bytes of a case are the same in every run. RFC 6455 §5.3 requires unpredictable masks to
// protect proxies from scripts in browsers; no such script is involved here.
const MASK = Buffer.from([0x01, 0x02, 0x03, 0x04]);

/** Encodes a client's frame, valid or invalid. */
export function encodeFrame({ opcode, payload = Buffer.alloc(0), isFinal = true, isMasked = true, reserved = 0 }) {
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const length = encodeLength(payload.length);
  if (!isMasked) {
    return Buffer.concat([Buffer.from([first]), length, payload]);
  }
  length[0] |= 0x80;
  const masked = payload.map((byte, index) => byte ^ MASK[index % 4]);
  return Buffer.concat([Buffer.from([first]), length, MASK, masked]);
}

function encodeLength(length) {
  if (length < 126) {
    return Buffer.from([length]);
  }
  const bytes = Buffer.alloc(length < 65_536 ? 3 : 9);
  bytes[0] = length < 65_536 ? 126 : 127;
  bytes.writeUIntBE(length, bytes.length - (length < 65_536 ? 2 : 4), length < 65_536 ? 2 : 4);
  return bytes;
}

/** Splits the bytes from a server into frames. */
export class FrameParser {
  #bytes = Buffer.alloc(0);

  /** Adds a chunk, and yields the frames that are complete now. */
  *push(chunk) {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    let frame;
    while ((frame = this.#take()) !== null) {
      yield frame;
    }
  }

  #take() {
    const bytes = this.#bytes;
    const short = bytes.length < 2 ? 0 : bytes[1] & 0x7f;
    const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < headBytes) {
      return null;
    }
    if ((bytes[1] & 0x80) !== 0) {
      throw new Error("the server masks its frames (RFC 6455 §5.1 forbids it)");
    }
    const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
    if (bytes.length < headBytes + length) {
      return null;
    }
    const payload = bytes.subarray(headBytes, headBytes + length);
    this.#bytes = bytes.subarray(headBytes + length);
    return { opcode: bytes[0] & 0x0f, isFinal: (bytes[0] & 0x80) !== 0, reserved: (bytes[0] >> 4) & 0x7, payload };
  }
}
