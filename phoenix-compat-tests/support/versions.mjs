import * as phoenix1_6 from "phoenix-1.6.16";
import * as phoenix1_7 from "phoenix-1.7.21";
import * as phoenix1_8_1 from "phoenix-1.8.1";
import * as phoenix1_8_16 from "phoenix-1.8.16";

// phoenix.js speaks V2 by itself. A client of the V1 format is made with its own options: objects instead of arrays.
// V1 says which join a close or an error belongs to in its ref; today's phoenix.js looks for that in join_ref alone.
const v1 = {
  vsn: "1.0.0",
  encode: (message, callback) => callback(JSON.stringify(message)),
  decode: (frame, callback) => {
    const message = JSON.parse(frame);
    const isEnd = message.event === "phx_close" || message.event === "phx_error";
    callback(isEnd ? { ...message, join_ref: message.ref } : message);
  },
};

/** The clients every test is run with; 1.8.1 is the one the front end locks. */
export const versions = [
  { name: "phoenix.js 1.6.16", Socket: phoenix1_6.Socket },
  { name: "phoenix.js 1.7.21", Socket: phoenix1_7.Socket },
  { name: "phoenix.js 1.8.1", Socket: phoenix1_8_1.Socket },
  { name: "phoenix.js 1.8.16", Socket: phoenix1_8_16.Socket },
  { name: "phoenix.js 1.8.1 in V1", Socket: phoenix1_8_1.Socket, options: v1 },
];
