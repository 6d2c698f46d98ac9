'use strict'
// What Linux says of a process: CPU seconds, anonymous memory, switches.
const fs = require('fs')

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

const median = numbers => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]

module.exports = { cpuSeconds, anonymousKb, voluntarySwitches, meter, median }
