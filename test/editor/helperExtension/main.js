// Does nothing: see package.json.
exports.activate = () => {};
