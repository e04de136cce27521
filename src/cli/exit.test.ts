import assert from 'node:assert/strict'
import { CommanderError } from 'commander'
import { describe, test } from 'vitest'
import { ConfigError, RollcallError, StoreError } from '../base/errors.ts'
import { failureFrom } from './exit.ts'

describe('exit status', () => {
  for (const { name, error, status, lines } of [
    {
      name: 'wrong usage is one sentence',
      error: new ConfigError('CONFIG_INVALID', '--port must be a whole number.'),
      status: 2,
      lines: ['--port must be a whole number.'],
    },
    {
      name: 'so is an id that does not exist',
      error: new StoreError('NOT_FOUND', 'there is no device 9'),
      status: 2,
      lines: ['There is no device 9; device:list shows them.'],
    },
    {
      name: 'a failure comes with its next step',
      error: new StoreError('LEASE_HELD', 'pid 7 on gate is reading this device'),
      status: 1,
      lines: [
        'Pid 7 on gate is reading this device.',
        '  Wait for it to end; a sync is tried again by itself, anything else when you ask again.',
      ],
    },
    {
      name: 'help is none',
      error: new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'),
      status: 0,
      lines: [],
    },
    {
      name: 'a misspelt command',
      error: new CommanderError(1, 'commander.unknownCommand', "error: unknown command 'demi'\n(Did you mean demo?)"),
      status: 2,
      lines: ["Unknown command 'demi' - Did you mean demo?"],
    },
    {
      name: 'what may be a comm key in the wrong place is not repeated',
      error: new CommanderError(1, 'commander.unknownOption', "error: unknown option '--key=1234'"),
      status: 2,
      lines: ["Unknown option '--key'. See --help."],
    },
    {
      name: 'nor is what was left over',
      error: new CommanderError(
        1,
        'x',
        "error: too many arguments for 'device:list'. Expected 0 arguments but got 2: key, 1234.",
      ),
      status: 2,
      lines: ["Too many arguments for 'device:list'. Expected 0 arguments but got 2. See --help."],
    },
    {
      name: 'control characters of a device do not reach the terminal',
      error: new RollcallError('SERIAL_MISMATCH', 'serial number \u001b[2J answers'),
      status: 1,
      lines: [
        'Serial number \ufffd[2J answers.',
        '  If the device was replaced, add the new one and disable the old; else correct the address.',
      ],
    },
  ])
    test(name, () => {
      const failure = failureFrom(error)
      assert.deepEqual({ status: failure.status, lines: failure.lines }, { status, lines })
      assert.equal(failure.defect, undefined)
    })

  test('anything else is a defect, with its stack for the log', () => {
    const failure = failureFrom(new TypeError('x is undefined'))
    assert.equal(failure.status, 1)
    assert.match(failure.lines[0] ?? '', /^Rollcall has a defect: x is undefined/)
    assert.match(failure.defect ?? '', /exit\.test\.ts/)
  })
})
