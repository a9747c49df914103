// Modules and chunks get their numbers from their names by default, and some names have in them where the whole project lies. Numbers in order of
// use make the same text everywhere, so that what is shipped can be compared with what is built.
module.exports = { optimization: { moduleIds: "natural", chunkIds: "natural" } };
