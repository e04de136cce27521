import assert from 'node:assert/strict'
import { test } from 'vitest'
import { queueRounds } from './queue-rounds.ts'
import { QueueSite, type SiteProcess } from './queue-site.ts'
import { jsonLines } from './rollcall-process.ts'

const PUNCHES = 30
const SYNCED_MS_MAX = 60_000
/** The promise for a worker that vanished. */
const TAKE_OVER_MS_MAX = 60_000

async function printed(process: SiteProcess, pattern: RegExp, site: QueueSite): Promise<void> {
  await site.until(`${pattern.source} in ${process.output}`, SYNCED_MS_MAX, () => pattern.test(process.output))
}

test('two terminals: queue:work in one and attendance:live-sync in the other store every punch once', async () => {
  await using site = await QueueSite.open()
  await site.addDevices(3, { seed: 0x7e57, records: 200 })
  const worker = site.start('queue:work', '--workers', '2')
  const dispatchers = [1, 2].map(() => site.start('attendance:live-sync', '--interval', '1'))
  await site.until('the first rows', SYNCED_MS_MAX, async () => (await site.assertPunches({ missing: 'some' })) > 0)
  let punched = 0
  await site.until('people punching', SYNCED_MS_MAX, () => {
    for (const { device } of site.devices) device.punchBySomebody()
    return ++punched === PUNCHES
  })
  await site.until(
    'every punch',
    SYNCED_MS_MAX,
    async () => (await site.assertPunches({ missing: 'some' })) === site.truth(),
  )
  await Promise.all([worker, ...dispatchers].map(process => process.stop()))
  await site.assertPunches({ missing: 'none' })
  site.assertOneAtATime()
  assert.match(worker.output, /^✓ Gate 1 - \d+ new log\(s\) synced$/m)
  assert.match(dispatchers.map(({ output }) => output).join(''), /^✓ \d job\(s\) queued for 3 device\(s\)/m)
})

test('a job that failed is shown, put back, and flushed', async () => {
  await using site = await QueueSite.open()
  await site.addDevices(1, { seed: 5, records: 20, commKey: 2 })
  await site.addDevices(1, { seed: 6, records: 20 })
  const [first] = site.devices
  assert(first)
  await site.run('attendance:live-sync', '--once')
  const output = await site.run('queue:work', '--stop-when-empty')
  assert.match(output, /^✗ Gate 1 - .*comm key/m)
  assert.match(output, /job \S+ is kept as failed after 1 try: rollcall queue:retry \S+$/m)
  const table = await site.run('queue:failed')
  assert.match(table, /^ID +DEVICE +ERROR +TRIES +WHEN$/m)
  assert.match(table, /^\S+ +Gate 1 +COMM_KEY_REFUSED: .+ 1 +(?:just now|\d+ s ago)$/m)
  const [job] = jsonLines(await site.run('queue:failed', '--json'))
  assert.deepEqual([job?.device_id, job?.device, job?.code, job?.tries], [first.id, 'Gate 1', 'COMM_KEY_REFUSED', 1])
  assert.match(String(job?.stack), /COMM_KEY_REFUSED|Error/)
  const status = async () => jsonLines(await site.run('queue:status', '--json'))
  assert.deepEqual(await status(), [{ backend: 'embedded', waiting: 0, active: 0, failed: 1 }])

  const wrong = site.start('queue:retry', 'nothing-of-the-kind')
  assert.equal(await wrong.ended(), 1)
  assert.match(wrong.output, /1 of the ids is no failed job/)
  await site.rollcall.store.devices.edit(first.id, { commKey: 2 })
  assert.equal(await site.run('queue:retry', String(job?.id)), '1 job(s) put back.\n')
  assert.match(await site.run('queue:work', '--stop-when-empty'), /^✓ Gate 1 - 20 new log\(s\) synced$/m)
  assert.equal(await site.run('queue:failed'), 'No job has failed.\n')

  await site.rollcall.store.devices.edit(first.id, { commKey: 3 })
  await site.run('attendance:live-sync', '--once', '--device-id', String(first.id))
  await site.run('queue:work', '--stop-when-empty', '--json')
  assert.deepEqual(jsonLines(await site.run('queue:flush', '--json')), [{ flushed: 1 }])
  assert.deepEqual(await status(), [{ backend: 'embedded', waiting: 0, active: 0, failed: 0 }])
  assert.deepEqual(jsonLines(await site.run('queue:retry', 'all', '--json')), [{ retried: 0 }])
})

test('SIGTERM: a job in hand that does not end in time is given back as if it had not been tried', async () => {
  await using site = await QueueSite.open()
  await site.addDevices(1, { seed: 9, records: 20 })
  const [only] = site.devices
  only?.device.setFault('never-answers', 'on')
  const worker = site.start('queue:work')
  await site.run('attendance:live-sync', '--once')
  await site.until('a session', SYNCED_MS_MAX, () => (only?.device.stats.connections ?? 0) > 0)
  await worker.stop()
  assert.deepEqual(await site.queue.counts(), { waiting: 1, active: 0, failed: 0 })
  const [job] = await site.queue.list('waiting', { limit: 1 })
  assert.equal(job?.tries, 0)
})

test('kill -9: another worker takes the job over', async () => {
  await using site = await QueueSite.open()
  await site.addDevices(1, { seed: 11, records: 20 })
  const [only] = site.devices
  only?.device.setFault('never-answers', 'on')
  const doomed = site.start('queue:work')
  await site.run('attendance:live-sync', '--once')
  await site.until('a connection', SYNCED_MS_MAX, () => (only?.device.stats.connections ?? 0) > 0)
  doomed.child.kill('SIGKILL')
  assert.equal(await doomed.ended(), null)
  only?.device.clearFaults()
  const heir = site.start('queue:work')
  await site.until('the job done', TAKE_OVER_MS_MAX, async () => (await site.unfinished()) === 0)
  await printed(heir, /✓ Gate 1 - 20 new log\(s\) synced/, site)
  await heir.stop()
  await site.assertPunches({ missing: 'none' })
  site.assertOneAtATime()
})

test('workers killed at random moments: no punch lost or doubled, no job lost (20 rounds of 100: npm run queue-test)', async () => {
  const report = await queueRounds({ rounds: 2, devices: 20, seed: 0x7e57, tell: () => {} })
  assert.deepEqual([report.rounds, report.jobs], [2, 40])
})
