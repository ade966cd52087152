// Stands in for native-watchdog: ends the extension host when the server that started it is gone.
// @ts-nocheck: stands in for an untyped native module.
"use strict";

exports.start = (parent) => {
  setInterval(() => {
    try {
      process.kill(Number(parent), 0);
    } catch {
      process.exit(87);
    }
  }, 3000).unref();
};
exports.exit = (code) => process.exit(code);
