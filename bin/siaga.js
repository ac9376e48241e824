#!/usr/bin/env node
// Plain old JavaScript on purpose: any Node can read it, and say which Node is needed.
var need = [24, 0];
var have = process.versions.node.split('.').map(Number);
var isOld = have[0] < need[0] || (have[0] === need[0] && have[1] < need[1]);

if (isOld) {
  process.stderr.write(
    'siaga: needs Node ' + need.join('.') + ' or later, this is Node ' + process.versions.node + '\n',
  );
  process.exitCode = 2;
} else {
  start();
}

function start() {
  // SQLite and type stripping call themselves experimental at every start; a report is not the place to read it.
  var emit = process.emitWarning;
  process.emitWarning = function (warning, options) {
    var type = options && typeof options === 'object' ? options.type : options;
    if (type !== 'ExperimentalWarning') return emit.apply(process, arguments);
  };
  // A checkout has sources, and perhaps an old build of them; a package has the build only.
  var sources = new URL('../src/start.ts', import.meta.url);
  var isCheckout = process.getBuiltinModule('node:fs').existsSync(sources);
  import(isCheckout ? sources : '../dist/start.js');
}
