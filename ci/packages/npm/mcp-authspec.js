#!/usr/bin/env node
// Starts the program of the package for this machine. Its exit code is this one's.
'use strict';

const { spawn } = require('node:child_process');
const { constants } = require('node:os');

function findProgram() {
  const name = `mcp-authspec-${process.platform}-${process.arch}`;
  const file = process.platform === 'win32' ? 'mcp-authspec.exe' : 'mcp-authspec';
  try {
    return require.resolve(`${name}/bin/${file}`);
  } catch {
    console.error(
      `mcp-authspec: the package ${name} is not installed. Either there is none for this machine, ` +
        'or optional dependencies were left out: install with `npm install --include=optional ' +
        'mcp-authspec`, or build the program with `cargo install mcp-authspec`.',
    );
    process.exit(3);
  }
}

const program = spawn(findProgram(), process.argv.slice(2), { stdio: 'inherit' });

// A terminal sends Ctrl-C to both processes. The others are sent to this one alone.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) {
  process.on(signal, () => program.kill(signal));
}

program.on('error', (error) => {
  console.error(`mcp-authspec: cannot start ${program.spawnfile}: ${error.message}`);
  process.exit(3);
});
program.on('exit', (code, signal) => {
  process.exit(signal === null ? code : 128 + constants.signals[signal]);
});
