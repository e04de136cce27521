import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { ConfigError } from '../base/errors.ts'
import {
  parseCount,
  parseHost,
  parseId,
  parseInterval,
  parseName,
  parsePort,
  parseSpan,
  parseSwitch,
  parseTimezone,
  parseTransport,
} from './arguments.ts'

type Case = readonly [parse: (text: string) => unknown, text: string, value: unknown]

const GOOD: readonly Case[] = [
  [parseId, '7', 7],
  [parsePort, '4370', 4370],
  [parsePort, '65535', 65_535],
  [parseCount('--limit', { min: 0, max: 5 }), '0', 0],
  [parseInterval('--interval'), '30', 30_000],
  [parseInterval('--interval'), '1.5', 1500],
  [parseInterval('--interval'), '2m', 120_000],
  [parseSpan('--for'), '500ms', 500],
  [parseSpan('--for'), '20s', 20_000],
  [parseSwitch('--live'), 'on', true],
  [parseSwitch('--live'), 'off', false],
  [parseName, '  Main Entrance ', 'Main Entrance'],
  [parseName, '正门', '正门'],
  [parseHost, '192.168.1.201', '192.168.1.201'],
  [parseHost, 'gate-1.example.com', 'gate-1.example.com'],
  [parseHost, 'fe80::1%eth0', 'fe80::1%eth0'],
  [parseHost, '[::1]', '::1'],
  [parseHost, 'gate_2', 'gate_2'],
  [parseTransport, 'udp', 'udp'],
  [parseTimezone, 'Europe/Berlin', 'Europe/Berlin'],
  [parseTimezone, 'europe/berlin', 'Europe/Berlin'],
  [parseTimezone, 'UTC', 'UTC'],
]

const BAD: ReadonlyArray<readonly [parse: (text: string) => unknown, text: string, message: RegExp]> = [
  [parseId, '0', /^ID must be/],
  [parseId, 'x', /^ID must be/],
  [parsePort, '0', /^--port must be a whole number from 1 to 65535/],
  [parsePort, '65536', /^--port/],
  [parsePort, '43.70', /^--port/],
  [parsePort, '', /^--port/],
  [parseCount('--limit', { min: 1, max: 5 }), '6', /^--limit must be a whole number from 1 to 5/],
  [parseInterval('--interval'), '0', /^--interval/],
  [parseInterval('--interval'), '0.5', /^--interval/],
  [parseInterval('--interval'), '2d', /^--interval/],
  [parseSpan('--for'), '20', /^--for must be a time such as/],
  [parseName, '   ', /^--name must not be empty/],
  [parseName, 'a\nb', /^--name must not hold line breaks/],
  [parseName, 'x'.repeat(101), /^--name must not be longer than 100/],
  [parseHost, '', /^--host must not be empty/],
  [parseHost, 'http://192.168.1.201', /^--host takes a name or an address without "http:\/\/"/],
  [parseHost, '192.168.1.201:4370', /^--host takes no port/],
  [parseHost, '192.168.1.201/24', /^--host must be a host name or an IP address/],
  [parseHost, 'two words', /^--host must be/],
  [parseHost, '192.168.1', /^--host must be/],
  [parseHost, '192.168.1.999', /^--host must be/],
  [parseHost, '-gate', /^--host must be/],
  [parseHost, 'gate..local', /^--host must be/],
  [parseHost, ':::', /^--host must be/],
  [parseSwitch('--live'), 'yes', /^--live must be on or off, not "yes"/],
  [parseSwitch('--auto-clock'), 'ON', /^--auto-clock must be/],
  [parseTransport, 'TCP', /^--transport must be auto, tcp or udp/],
  [parseTimezone, 'Berlin', /^--timezone "Berlin" .* did you mean Europe\/Berlin\?/],
  [parseTimezone, '+02:00', /^--timezone/],
  [parseTimezone, 'Mars/Olympus', /^--timezone .* use a name such as Europe\/Berlin/],
]

describe('arguments', () => {
  for (const [parse, text, value] of GOOD)
    test(`${parse.name || 'number'} takes ${JSON.stringify(text)}`, () => assert.equal(parse(text), value))

  for (const [parse, text, message] of BAD)
    test(`${JSON.stringify(text.slice(0, 20))} is refused with ${message.source}`, () =>
      assert.throws(
        () => parse(text),
        (error: unknown) =>
          error instanceof ConfigError && error.code === 'CONFIG_INVALID' && message.test(error.message),
      ))
})
