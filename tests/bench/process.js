'use strict'
// What Linux says of a process: CPU seconds, anonymous memory, switches.
const fs = require('fs')
const { execFileSync, spawn } = require('child_process')

const status = (path, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(fs.readFileSync(path, 'utf8'))[1])
const TICKS = 100 // a second: USER_HZ, the same on every Linux

function cpuSeconds (pid) { // user and system, of all threads
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

const anonymousKb = pid => status(`/proc/${pid}/status`, 'RssAnon')

const voluntarySwitches = pid => fs.readdirSync(`/proc/${pid}/task`)
  .reduce((sum, task) => sum + status(`/proc/${pid}/task/${task}/status`, 'voluntary_ctxt_switches'), 0)

// Samples until stop(): { cpu seconds used, most anonymous kB }
function meter (pid) {
  const cpu0 = cpuSeconds(pid)
  let most = anonymousKb(pid)
  const timer = setInterval(() => { most = Math.max(most, anonymousKb(pid)) }, 20)
  return {
    stop () {
      clearInterval(timer)
      return { cpu_s: cpuSeconds(pid) - cpu0, anon_kb: Math.max(most, anonymousKb(pid)) }
    }
  }
}

// Runs a program to its end, which must be a good one: { seconds, anon_kb at
// most, out }, out being all that it said.
function measured (program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const t0 = process.hrtime.bigint()
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let most = 0; let out = ''
    const timer = setInterval(() => { try { most = Math.max(most, anonymousKb(child.pid)) } catch {} }, 20)
    child.stdout.on('data', d => { out += d })
    child.stderr.on('data', d => { out += d })
    child.on('close', code => {
      clearInterval(timer)
      const seconds = Number(process.hrtime.bigint() - t0) / 1e9
      code ? reject(new Error(`${program} ${args.join(' ')} failed: ${out.slice(-400)}`)) : resolve({ seconds, anon_kb: most, out })
    })
  })
}

// Forgets what the system has read; false where it does not let us.
function dropCaches () {
  try {
    execFileSync('sync')
    fs.writeFileSync('/proc/sys/vm/drop_caches', '3')
    return true
  } catch { return false }
}

const median = numbers => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]

module.exports = { cpuSeconds, anonymousKb, voluntarySwitches, meter, measured, dropCaches, median }
